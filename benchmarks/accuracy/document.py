"""The document: tables between two marks, around them what somebody wrote by hand."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .table import Told, accuracy_table, cost_table, fold_table

START: Final = "<!-- table -->"
END: Final = "<!-- /table -->"
_MARKED: Final = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
_EMPTY: Final = f"# Accuracy\n\n{START}\n{END}\n"


def write(path: Path, tables: str) -> None:
    """
    Put the tables into a document, which is made where there is none.

    Raises:
        ValueError: the document has no marks to put them between.
    """
    before = path.read_text(encoding="utf-8") if path.exists() else _EMPTY
    if not _MARKED.search(before):
        raise ValueError(f"{path.name} has no {START} and {END} to write between")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_MARKED.sub(lambda _: f"{START}\n{tables}\n{END}", before, count=1), encoding="utf-8")


def render(told: Told, command: str) -> str:
    """Write the tables and what is needed to read them."""
    return "\n".join(_lines(told, command))


def _lines(told: Told, command: str) -> Iterator[str]:
    yield from _origin(told, command)
    folds = told.where(lambda record: record.trial.fold is not None)
    tests = told.where(lambda record: record.trial.fold is None)
    if folds.records:
        numbers = ", ".join(sorted({str(record.trial.folds) for record in folds.records}))
        yield from ("", f"### Cross-validation on the training data, {numbers} folds", "")
        yield "Accuracy in percent. The folds of a seed are the same for everybody. Choices are made by this table."
        yield from _missing_folds(folds)
        yield from ("", *accuracy_table(folds), "", "<details><summary>Fold by fold</summary>", "")
        yield from (*fold_table(folds), "", "</details>")
    if tests.records:
        yield from (
            "",
            "### Test",
            "",
            "Accuracy in percent on the test data, after training on all training data.",
            "",
        )
        yield from accuracy_table(tests)
        rows = ", ".join(f"{name} {_n_measured(tests, name):,}" for name in tests.sets)
        yield from ("", f"Test texts: {rows}.")
    yield from _costs(tests if tests.records else folds)


def _origin(told: Told, command: str) -> Iterator[str]:
    dates = sorted({record.date for record in told.records})
    yield f"Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))} by"
    yield from ("", "```sh", command, "```", "")
    for machine in sorted({record.machine for record in told.records}):
        yield f"on {machine}."
    yield ""
    yield "± is the standard deviation over seeds; without it there was one. Bold is the best of a column. A text of"
    yield "which nothing is known counts as wrong; no confidence is asked for."
    for name, title in told.titles.items():
        sources = Counter((r.config, r.code) for r in told.records if r.trial.contender == name)
        if len(sources) > 1:
            yield from ("", f"**{title} was measured in {len(sources)} states of its configuration or code.**")


def _missing_folds(folds: Told) -> Iterator[str]:
    """Say where a mean is of fewer folds than there are, or not of the same as its neighbours."""
    for set_name in folds.sets:
        places = [{(r.trial.seed, r.trial.fold) for r in folds.of(name, set_name)} for name in folds.titles]
        seeds = {seed for each in places for seed, _ in each}
        n_folds = max(r.trial.folds or 0 for r in folds.records)
        fewest = min(map(len, places))
        if any(each != places[0] for each in places):
            yield f"**{set_name}: not everybody was measured in the same folds, so the column does not compare.**"
        elif fewest < len(seeds) * n_folds:
            yield f"{set_name}: {fewest} of {len(seeds) * n_folds} folds."


def _costs(told: Told) -> Iterator[str]:
    jobs = max(record.jobs for record in told.records)
    yield from ("", "### What it costs", "")
    yield "Medians. Training: seconds, with all that it tries, imports apart. Memory: the most that its process held,"
    yield "libraries included. Size: what a server needs. One text: in the process, one at a time, each text once."
    if jobs > 1:
        yield f"**Up to {jobs} trials ran at once: times are longer than they need be, and do not compare.**"
    for title, of, form in (
        ("Training, s", lambda r: r.outcome.seconds, ",.1f"),
        ("Memory of the training process, MB", lambda r: r.outcome.peak_bytes / 1e6, ",.0f"),
        ("Size, MB", lambda r: None if r.outcome.served_bytes is None else r.outcome.served_bytes / 1e6, ",.2f"),
        ("One text, p50, µs", lambda r: r.outcome.p50_us, ",.0f"),
    ):
        yield from ("", f"#### {title}", "", *cost_table(told, of, form))


def _n_measured(told: Told, set_name: str) -> int:
    return next(r.outcome.n_measured for r in told.records if r.trial.set_name == set_name)
