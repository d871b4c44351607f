"""`python -m app requests`: read the request log. `python -m app migrate`: make its tables."""

import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from ..bootstrap.request_log import open_request_store
from ..domain.errors import ParleyError
from ..domain.logged_request import LogEntry, LogFilter, LoggedInput
from ..domain.storage_errors import StorageUnavailableError
from ..settings import load_settings
from .refusals import UNUSABLE, printable

if TYPE_CHECKING:
    from ..storage.request_store import RequestStore

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_HEADINGS: Final = ("UTC", "caller", "route", "status", "ms", "model", "intent", "confidence", "fallback", "text")


class Since(click.ParamType[datetime]):
    """A time: a date, a date and time (UTC unless it says otherwise), or how long ago."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        """Read what was typed."""
        if ago := re.fullmatch(r"(\d{1,6})([mhd])", value):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a date such as 2026-01-31 nor a span such as 30m, 12h or 7d", param, ctx)
        return time if time.tzinfo else time.replace(tzinfo=UTC)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", help="Of this model.")
@click.option("--intent", help="With an input of this intent.")
@click.option("--fallbacks", is_flag=True, help="With an input that no intent was named for.")
@click.option("--since", type=Since(), help="Since a date, or 30m, 12h, 7d ago.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def requests(root: Path, /, limit: int, as_json: bool, fallbacks: bool, **wanted: Any) -> None:  # noqa: FBT001, ANN401 - as click gives them
    """Show the newest requests of the log, newest first."""
    with _opened_store(root) as store:
        entries = store.page(LogFilter(fallbacks_only=fallbacks, **wanted), limit=limit)
    if as_json:
        click.echo(msgspec.json.encode({"requests": [_content(entry) for entry in entries]}))
    else:
        _print(entries)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_obj
def migrate(root: Path) -> None:
    """Make or change the tables of the database, as every start of a server does."""
    with _opened_store(root) as store:
        has_changed = store.prepare()
    click.echo("the tables are now those of this version" if has_changed else "the tables are as they should be")


@contextmanager
def _opened_store(root: Path) -> "Iterator[RequestStore]":
    try:
        with closing(open_request_store(load_settings(root))) as store:
            yield store
    except ParleyError as error:
        hint = "\n`python -m app migrate` makes its tables" if isinstance(error, StorageUnavailableError) else ""
        Console(stderr=True, highlight=False).print(f"{error}{hint}", style="red", markup=False, soft_wrap=True)
        sys.exit(UNUSABLE)


def _content(entry: LogEntry) -> dict[str, Any]:
    inputs = [one._asdict() for one in entry.request.inputs]
    return {"id": entry.id, **entry.request._asdict(), "inputs": inputs}


def _print(entries: list[LogEntry]) -> None:
    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for entry in entries:
        for one in entry.request.inputs or (None,):
            table.add_row(*map(printable, _row(entry, one)))
    Console(highlight=False, markup=False).print(table)


def _row(entry: LogEntry, one: LoggedInput | None) -> list[str | None]:
    request = entry.request
    model = request.model if request.version is None else f"{request.model}@{request.version}"
    of_request = [f"{request.time:%Y-%m-%d %H:%M:%S}", request.caller, f"{request.method} {request.endpoint}"]
    of_reply = [str(request.status), f"{request.seconds * 1000:.1f}", model]
    if one is None:
        return of_request + of_reply
    confidence = None if one.confidence is None else f"{one.confidence:.2f}"
    return of_request + of_reply + [one.intent, confidence, one.fallback, one.text]
