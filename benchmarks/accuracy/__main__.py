"""
Measure how often Parley's families are right on public data sets, beside reference methods.

    python -m benchmarks.accuracy --data DIR [--sets banking77,snips] [--families bow] [--no-test]

Choose by the cross-validation; the test data are for the last table only.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.planning.auto_config import AUTO

from . import document, parley, references
from .contract import Contender
from .field import contenders
from .results import Results
from .run import Runner
from .sets import SETS
from .table import Told
from .trials import Trial, asked_for


class Names(click.ParamType[list[str]]):
    """Names with commas between them, each of which must be known; `none` is none of them."""

    name = "names"

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:  # noqa: ANN401
        """Take names apart."""
        if not isinstance(value, str):
            return list(value)
        names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip() not in ("", "none")))
        unknown = [name for name in names if name not in self._known]
        if unknown:
            self.fail(f"there is no {', '.join(unknown)}; there are {', '.join(self._known)}", param, ctx)
        return names


_families = [name for name in parley.names() if name != AUTO]


@click.command(help=__doc__.split("\n\n")[0].strip() if __doc__ else None)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="folder of the sets")
@click.option("--sets", type=Names(list(SETS)), default=",".join(SETS), show_default=True)
@click.option("--families", type=Names(parley.names()), default=",".join(_families), show_default=True)
@click.option("--references", "others", type=Names(references.NAMES), default=",".join(references.NAMES))
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="0, 1, ...")
@click.option("--folds", type=click.IntRange(2), default=5, show_default=True)
@click.option("--only-folds", type=click.IntRange(0), help="measure this many of the folds; all without it")
@click.option("--test/--no-test", default=True, help="whether to touch the test data")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="at once; times are honest with 1")
@click.option("--results", type=click.Path(dir_okay=False, path_type=Path), default="var/accuracy.jsonl")
@click.option("--fresh", is_flag=True, help="measure again what other code than today's was measured with")
@click.option("--render-only", is_flag=True, help="write the tables from what was measured before")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default="docs/accuracy.md", show_default=True)
def main(  # noqa: PLR0913 - one per flag
    *,
    data: Path | None,
    sets: list[str],
    families: list[str],
    others: list[str],
    seeds: int,
    folds: int,
    only_folds: int | None,
    test: bool,
    jobs: int,
    results: Path,
    fresh: bool,
    render_only: bool,
    out: Path,
) -> None:
    """Measure what is missing, then write the tables."""
    field = contenders(families, others)
    n_measured = folds if only_folds is None else min(folds, only_folds)
    trials = list(asked_for(sets, field, n_seeds=seeds, n_folds=folds, only_folds=n_measured, test=test))
    kept = Results(results)
    failed = 0
    if not render_only:
        if data is None:
            raise click.UsageError("--data is needed, but for --render-only")
        failed = _measure(data, trials, field, kept, jobs=jobs, fresh=fresh)
    titles = {contender.name: contender.title for contender in field}
    configs = {contender.name: contender.digest for contender in field}
    told = Told(kept.of(trials, configs), sets, titles)
    if not told.records:
        raise click.ClickException(f"nothing of this was measured, so {out} stays as it is")
    try:
        document.write(out, document.render(told, _command()))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(told.records)} of {len(trials)} trials are in {out}")
    sys.exit(1 if failed else 0)


def _measure(  # noqa: PLR0913 - what was asked for
    data: Path, trials: Sequence[Trial], field: Sequence[Contender], kept: Results, *, jobs: int, fresh: bool
) -> int:
    absent = {contender.name for contender in field if not contender.available}
    if absent:
        click.echo(f"left out, since its library is not installed: {', '.join(sorted(absent))}")
    trials = [trial for trial in trials if trial.contender not in absent]
    runner = Runner(data, field, kept, jobs)
    try:
        missing = runner.missing(trials, fresh=fresh)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(missing)} of {len(trials)} trials are to be made")
    stale = len(runner.stale(trials)) if not fresh else 0
    if stale:
        click.echo(f"{stale} were made with other code than today's; --fresh makes them again")
    return runner.run(missing, click.echo)


def _command() -> str:
    """Give the command as somebody elsewhere would write it: where data, results and document lie is theirs."""
    given = iter(sys.argv[1:])
    words = []
    for word in given:
        flag, equals, _ = word.partition("=")
        if flag in ("--data", "--results", "--out"):
            if not equals:
                next(given, None)
        elif word != "--render-only":
            words.append(word)
    return f"python -m benchmarks.accuracy --data DIR {shlex.join(words)}".rstrip()


if __name__ == "__main__":
    main()
