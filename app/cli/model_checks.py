"""`python -m app models checks` and `diff`: what versions are held against, and where two of them differ."""

from pathlib import Path

import click
import msgspec

from ..data.reader import read_dataset
from ..domain.version_errors import InvalidChecksError
from ..evaluation.checks import Checks
from ..service.versions import Versions
from .models import as_json_option, models, models_command
from .terminal import print_json, print_table, whoever_types

__all__ = ["models"]  # with the commands of this module
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@models_command("checks")
@click.argument("name")
@click.option("--file", type=_FILE, help="Replace all of them: a JSON object of test, must and allowance.")
@click.option("--test", type=_FILE, help="Replace the test set by the examples of a file.")
@as_json_option
def checks(versions: Versions, name: str, file: Path | None, test: Path | None, *, as_json: bool) -> None:
    """Show what versions of a model are held against, or replace it."""
    number, found = versions.checks(name)
    changed = _read(file) if file else found
    if test:
        changed = changed.with_test(read_dataset(test).examples)
    if changed != found:
        number = versions.change_checks(name, changed, whoever_types())
    if as_json:
        print_json({"name": name, "number": number, "checks": changed})
        return
    allowance = changed.allowance
    click.echo(
        f"{name}: checks {number}: {len(changed.test)} test texts, {len(changed.must)} cases; allowed are "
        f"{allowance.accuracy:.1%} less of all and {allowance.intent:.1%} less of an intent"
    )


@models_command("diff")
@click.argument("name")
@click.argument("before", default="previous")
@click.argument("after", default="active")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Texts that are told.")
@as_json_option
def diff(  # noqa: PLR0913 - one parameter an option, as click calls it
    versions: Versions, name: str, before: str, after: str, *, limit: int, as_json: bool
) -> None:
    """Show the texts that two versions (numbers or aliases) answer differently; previous and active unless told."""
    found = versions.diff(name, versions.number(name, before), versions.number(name, after))
    rows = [
        (one.asked.text, one.asked.origin, one.asked.intent, one.before.intent, one.after.intent)
        for one in found.differences[:limit]
    ]
    keys = ("text", "origin", "expected", "before", "after")
    if as_json:
        counts = {"before": found.before, "after": found.after, "asked": found.n_asked}
        different = {
            "different": len(found.differences),
            "differences": [dict(zip(keys, row, strict=True)) for row in rows],
        }
        print_json({"name": name, **counts, **different})
        return
    click.echo(f"{len(found.differences)} of {found.n_asked} texts: version {found.before}, then {found.after}")
    print_table(keys, list(rows))


def _read(file: Path) -> Checks:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Checks)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidChecksError(f"{file}: {error}") from None
