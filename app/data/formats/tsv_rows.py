"""TSV: `text<TAB>intent` unless a heading says otherwise; one example a line, no quoting."""

from typing import Final

from ...domain.example import Dataset
from ..bounds import CELLS_AT_MOST
from .rows import RowFormat, dataset_of_rows

_FORMAT: Final = RowFormat(text_first=True)


def read(text: str, source: str, *, header: bool | None) -> Dataset:
    """
    Read examples.

    Raises:
        UnreadableDataError: rows that are not examples, each with its line.
    """
    # only these end a line: splitlines() would also break at marks that people paste into texts
    lines = text.replace("\r\n", "\n").split("\n")
    rows = [(number, line.split("\t", CELLS_AT_MOST)) for number, line in enumerate(lines, 1) if line.strip()]
    return dataset_of_rows(rows, source, _FORMAT, header=header, problems=[])
