"""What formats of rows share: which of two columns is the text, and whether the first row is a heading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ...domain.example import Dataset, Example
from ...domain.training_errors import UnreadableDataError
from ..bounds import CELLS_AT_MOST, PROBLEMS_AT_MOST

TEXT_HEADINGS: Final = frozenset({"text", "utterance", "query", "sentence", "message", "pattern", "content", "input"})
INTENT_HEADINGS: Final = frozenset({"intent", "label", "tag", "category", "class", "result", "topic"})

Row = tuple[int, Sequence[str]]
"""The line a row begins on, and its cells."""


@dataclass(frozen=True, slots=True)
class RowFormat:
    """What is peculiar to a format of rows."""

    text_first: bool
    """Which column holds the text where no heading says so."""
    hint: str = ""
    """What to try where a row has a wrong number of values."""


def dataset_of_rows(
    rows: Iterable[Row],
    source: str,
    row_format: RowFormat,
    *,
    header: bool | None,
    problems: list[tuple[int | None, str]],
) -> Dataset:
    """
    Read two columns.

    Args:
        rows: lines and cells, blank rows left out.
        source: the file, for errors.
        row_format: how its rows are read.
        header: whether the first row is a heading; None: where its cells are known headings.
        problems: lines that could not even be split into cells; more are added.

    Raises:
        UnreadableDataError: some row is not an example.
    """
    text_column = 0 if row_format.text_first else 1
    examples: list[Example] = []
    for number, (line, cells) in enumerate(rows):
        if number == 0 and header is not False:
            column = _text_column_of_heading(cells)
            if column is not None or header:
                text_column = text_column if column is None else column
                continue
        problem = _problem_of(cells, text_column, row_format.hint)
        if problem:
            problems.append((line, problem))
            if len(problems) == PROBLEMS_AT_MOST:
                break
        else:
            examples.append(Example(cells[text_column].strip(), cells[1 - text_column].strip(), line))
    if problems:
        raise UnreadableDataError(source, sorted(problems, key=lambda problem: problem[0] or 0))
    return Dataset(tuple(examples), source=source)


def _text_column_of_heading(cells: Sequence[str]) -> int | None:
    """Say which of two cells heads the texts, or None where the cells are no heading."""
    names = [cell.strip().casefold() for cell in cells]
    if len(names) != 2:  # noqa: PLR2004
        return None
    for column in (0, 1):
        if names[column] in TEXT_HEADINGS and names[1 - column] in INTENT_HEADINGS:
            return column
    return None


def _problem_of(cells: Sequence[str], text_column: int, hint: str) -> str | None:
    """Say what is wrong with a row, or None."""
    if len(cells) != 2:  # noqa: PLR2004
        n_cells = f"{len(cells)} value{'s' * (len(cells) != 1)}"
        told = f"more than {CELLS_AT_MOST} values" if len(cells) > CELLS_AT_MOST else n_cells
        return f"{told} where text and intent make 2{hint}"
    if not cells[text_column].strip():
        return "the text is empty"
    if not cells[1 - text_column].strip():
        return "the intent is empty"
    return None
