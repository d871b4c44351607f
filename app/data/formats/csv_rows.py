"""CSV after RFC 4180: `intent,text` unless a heading says otherwise; quoted where a text holds a comma."""

import csv
import io
from typing import Final

from ...domain.example import Dataset
from ..bounds import CELLS_AT_MOST
from .rows import Row, RowFormat, dataset_of_rows

_FORMAT: Final = RowFormat(text_first=False, hint="; a text that holds a comma needs quotes")

# The csv module's own limit stops at 128 KiB; texts are bounded elsewhere.
csv.field_size_limit(1 << 24)


def read(text: str, source: str, *, header: bool | None) -> Dataset:
    """
    Read examples.

    Raises:
        UnreadableDataError: rows that are not examples, each with its line.
    """
    rows: list[Row] = []
    problems: list[tuple[int | None, str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            # after a quote that went wrong the rest cannot be told apart
            problems.append((line, f"not CSV: {error}"))
            break
        if any(cell.strip() for cell in cells):
            rows.append((line, cells[: CELLS_AT_MOST + 1]))
    return dataset_of_rows(rows, source, _FORMAT, header=header, problems=problems)
