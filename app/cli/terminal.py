"""What commands have in common: who types, what a terminal may be shown, and how they end."""

import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from ..domain.errors import ParleyError
from ..domain.version_errors import ConflictError

REFUSED: Final = 1
UNUSABLE: Final = 2


def whoever_types() -> str:
    """Name whoever gave the command, for the audit log."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (OSError, KeyError):  # nobody of that number is known here
        return "terminal"


@contextmanager
def telling_errors() -> Iterator[None]:
    """End with a sentence: 1 where it cannot be done to the model as it is, 2 where it cannot be done at all."""
    try:
        yield
    except (ParleyError, OSError) as error:
        sentences = error.sentences if isinstance(error, ConflictError) else (str(error),)
        for sentence in sentences if len(sentences) > 1 else (str(error),):
            tell_error(sentence)
        sys.exit(REFUSED if isinstance(error, ConflictError) else UNUSABLE)


def tell_error(sentence: str) -> None:
    """Write to standard error."""
    Console(stderr=True, highlight=False).print(printable(sentence), style="red", markup=False, soft_wrap=True)


def print_json(content: Any) -> None:  # noqa: ANN401 - whatever can be written as JSON
    """Write one object."""
    click.echo(msgspec.json.encode(content))


def print_table(headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write rows below headings; what is None is left empty."""
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else printable(str(cell)) for cell in row))
    Console(highlight=False, markup=False).print(table)


def print_aliases(name: str, aliases: Mapping[str, int], *, as_json: bool) -> None:
    """Write what each alias means."""
    if as_json:
        print_json({"name": name, "aliases": aliases})
    else:
        click.echo(f"{name}: " + (", ".join(f"{alias} {version}" for alias, version in aliases.items()) or "no alias"))


def printable(text: str) -> str:
    """Leave nothing of what a stranger sent that a terminal would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def models_dir_of(given: Path | None) -> dict[str, Path | None]:
    """Give the flags of settings for a folder that was typed."""
    return {"models_dir": given and Path.cwd() / given}
