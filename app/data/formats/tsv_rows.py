"""
TSV: `text<TAB>intent` unless a heading says otherwise; one example a line, no quoting.

The name of an intent is all that stands behind the tab: `flight+airfare` is an intent of its own. Where an intent would
stand, `<unknown>` says that the text is out of scope; some write four blanks before it, and no tab.
"""

from typing import Final

from ...domain.example import Dataset
from ..bounds import CELLS_AT_MOST
from .rows import OUT_OF_SCOPE, RowFormat, dataset_of_rows

_BLANKS_FOR_A_TAB: Final = 4
"""At least."""
_FORMAT: Final = RowFormat(text_first=True)


def read(text: str, source: str, *, header: bool | None) -> Dataset:
    """
    Read examples.

    Raises:
        UnreadableDataError: rows that are not examples, each with its line.
    """
    # only these end a line: splitlines() would also break at marks that people paste into texts
    lines = text.replace("\r\n", "\n").split("\n")
    rows = [(number, cells_of(line)) for number, line in enumerate(lines, 1) if line.strip()]
    return dataset_of_rows(rows, source, _FORMAT, header=header, problems=[])


def begins(line: str) -> bool:
    """Say whether a first line is of this format."""
    return len(cells_of(line)) > 1


def cells_of(line: str) -> list[str]:
    """Give the values of a line."""
    cells = line.split("\t", CELLS_AT_MOST)
    bare = line.rstrip()
    if len(cells) > 1 or not bare.endswith(OUT_OF_SCOPE):
        return cells
    before = bare.removesuffix(OUT_OF_SCOPE)
    text = before.rstrip(" ")  # no expression: one that looks for blanks begins again at each of a million
    return [text, OUT_OF_SCOPE] if len(before) - len(text) >= _BLANKS_FOR_A_TAB else cells
