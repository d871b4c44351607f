"""`python -m app examples`: the draft of a model, from the command line."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Column, Table

from ..bootstrap.drafts import wire_drafts
from ..data.reader import DataFormat, read_dataset
from ..data.writer import WRITTEN
from ..domain.draft import DraftExample, ExampleFilter
from ..service.drafts import Drafts
from ..settings import load_settings
from .refusals import printable, told_refusals

_CALLER: Final = "cli"
_HEADINGS: Final = ("intent", "text", "source", "caller", "changed (UTC)")
_FILE: Final = click.Path(dir_okay=False, path_type=Path)

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def examples() -> None:
    """List, import, export and remove the examples that the next training of a model learns from."""


def _of_model(command: CommandT) -> CommandT:
    return click.option("--model", required=True, help="The model's name.")(command)


def _chosen(command: CommandT) -> CommandT:
    for option in (
        click.option("--source", help="Those that came from here: request, 'file NAME', 'version N', review."),
        click.option("--out-of-scope", "is_out_of_scope", is_flag=True, help="Those without an intent."),
        click.option("--intent", help="Those of this intent."),
        click.option("--search", help="Those whose text holds this."),
    ):
        command = option(command)
    return command


@examples.command("list")
@_of_model
@_chosen
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="So many at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def list_(root: Path, /, model: str, limit: int, as_json: bool, **wanted: Any) -> None:  # noqa: FBT001, ANN401 - as click gives them
    """Show examples in the order they came in."""
    with _opened(root) as drafts:
        page = drafts.page(model, ExampleFilter(**wanted), limit=limit)
    if as_json:
        said = {"model": model, "revision": page.draft.revision, "total": page.draft.n_examples}
        click.echo(msgspec.json.encode({**said, "matching": page.n_matching, "examples": page.examples}))
    else:
        _print(page.examples)
        click.echo(f"{len(page.examples):,} of {page.n_matching:,}", err=True)


@examples.command("import")
@_of_model
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Let the draft be exactly these examples, instead of adding them.")
@click.option("--format", "data_format", type=click.Choice([f.value for f in DataFormat]), default="auto")
@click.option("--header/--no-header", default=None, help="Whether rows begin with a heading; else looked at.")
@click.pass_obj
def import_(root: Path, /, model: str, file: Path, replace: bool, data_format: str, header: bool | None) -> None:  # noqa: FBT001, PLR0913, PLR0917 - as click gives them
    """Take the examples of FILE into the draft."""
    with _opened(root) as drafts:
        dataset = read_dataset(file, DataFormat(data_format), header=header)
        change = (drafts.replace if replace else drafts.add)(model, dataset, f"file {file.name}", _CALLER)
    click.echo(
        f"{change.n_added:,} added, {change.n_known:,} known already, {change.n_replaced:,} given another intent"
        f"{f', {change.n_removed:,} removed before' if replace else ''}; "
        f"{change.draft.n_examples:,} examples in revision {change.draft.revision}"
    )


@examples.command()
@_of_model
@click.option("--format", "data_format", type=click.Choice(list(WRITTEN)), default="jsonl", show_default=True)
@click.option("--output", type=click.File("wb"), default="-", help="The file to write; standard output unless told.")
@click.option("--without-out-of-scope", is_flag=True, help="Leave out the texts that are out of scope.")
@click.pass_obj
def export(root: Path, /, model: str, data_format: str, output: BinaryIO, without_out_of_scope: bool) -> None:  # noqa: FBT001 - as click gives them
    """Write all examples in a format that Parley reads."""
    with _opened(root) as drafts:
        content = drafts.export(model, data_format, _CALLER, out_of_scope=not without_out_of_scope)
    output.write(content)


@examples.command()
@_of_model
@_chosen
@click.option("--id", "ids", multiple=True, help="The one of this id; may be given many times.")
@click.pass_obj
def remove(root: Path, /, model: str, ids: tuple[str, ...], **wanted: Any) -> None:  # noqa: ANN401 - as click gives them
    """Remove the examples of these ids, or those that all of the filters want."""
    with _opened(root) as drafts:
        for example in ids:
            drafts.remove_one(model, example, _CALLER)
        n_removed = len(ids)
        if not ids or any(wanted.values()):
            n_removed += drafts.remove(model, ExampleFilter(**wanted), _CALLER).n_removed
    click.echo(f"{n_removed:,} removed")


@contextmanager
def _opened(root: Path) -> Iterator[Drafts]:
    with told_refusals(), closing(wire_drafts(load_settings(root))) as drafts:
        yield drafts


def _print(found: list[DraftExample]) -> None:
    table = Table(Column("id", no_wrap=True), *_HEADINGS, box=None, pad_edge=False)
    for one in found:
        row = (str(one.id), one.intent, one.text, one.source, one.caller, f"{one.changed_at:%Y-%m-%d %H:%M:%S}")
        table.add_row(*map(printable, row))
    Console(highlight=False, markup=False).print(table)
