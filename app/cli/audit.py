"""`python -m app audit`: read who did what."""

from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from ..bootstrap.audit import wire_audit
from ..domain.audit import AuditEntry, AuditFilter, Deed
from ..settings import load_settings
from .refusals import printable, told_refusals
from .request_log import Since

_HEADINGS: Final = ("UTC", "caller", "deed", "model", "details")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", help="Of this model.")
@click.option("--deed", type=click.Choice([deed.value for deed in Deed]), help="Of this kind.")
@click.option("--caller", help="Of this caller.")
@click.option("--since", type=Since(), help="Since a date, or 30m, 12h, 7d ago.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def audit(root: Path, /, limit: int, as_json: bool, deed: str | None, **wanted: Any) -> None:  # noqa: FBT001, ANN401 - as click gives them
    """Show who trained, activated, rolled back, deleted, exported and edited, newest first."""
    chosen = AuditFilter(deed=None if deed is None else Deed(deed), **wanted)
    with told_refusals(), closing(wire_audit(load_settings(root))) as log:
        entries = log.page(chosen, limit=limit)
    if as_json:
        click.echo(msgspec.json.encode({"entries": entries}))
    else:
        _print(entries)


def _print(entries: list[AuditEntry]) -> None:
    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for entry in entries:
        model = entry.model if entry.version is None else f"{entry.model}@{entry.version}"
        details = msgspec.json.encode(entry.details).decode() if entry.details else ""
        row = (f"{entry.time:%Y-%m-%d %H:%M:%S}", entry.caller, entry.deed.value, model, details)
        table.add_row(*map(printable, row))
    Console(highlight=False, markup=False).print(table)
