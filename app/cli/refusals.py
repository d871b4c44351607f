"""How a command says that something cannot be done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

from ..domain.errors import ParleyError

UNUSABLE: Final = 2
"""The exit code."""


@contextmanager
def told_refusals() -> Iterator[None]:
    """Print an error of ours and end the command."""
    try:
        yield
    except ParleyError as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(UNUSABLE)


def printable(text: str | None) -> str:
    """Leave nothing of what a stranger sent that a terminal would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text or "")
