"""What formats of rows share: which column is the text and which the intent, and whether the first row is a heading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ...domain.example import Dataset, Example
from ...domain.training_errors import UnreadableDataError
from ..bounds import CELLS_AT_MOST, PROBLEMS_AT_MOST

TEXT_HEADINGS: Final = frozenset({"text", "utterance", "query", "sentence", "message", "pattern", "content", "input"})
INTENT_HEADINGS: Final = frozenset({"intent", "label", "tag", "category", "class", "result", "topic"})

OUT_OF_SCOPE: Final = "<unknown>"
"""In the place of an intent: the text is out of scope."""

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
    Read the columns of text and intent; others, which only a heading can tell apart, are passed over.

    Args:
        rows: lines and cells, blank rows left out.
        source: the file, for errors.
        row_format: how its rows are read.
        header: whether the first row is a heading; None: where its cells are known headings.
        problems: lines that could not even be split into cells; more are added.

    Raises:
        UnreadableDataError: some row is not an example, or the heading names two columns for the same.
    """
    columns = _Columns(0, 1) if row_format.text_first else _Columns(1, 0)
    examples: list[Example] = []
    out_of_scope: list[str] = []
    for number, (line, cells) in enumerate(rows):
        if number == 0 and header is not False:
            try:
                named = _columns_of_heading(cells)
            except ValueError as error:
                raise UnreadableDataError(source, [(line, str(error))]) from None
            if named is not None or header:
                columns = named or columns
                continue
        problem = _problem_of(cells, columns, row_format.hint)
        if problem:
            problems.append((line, problem))
            if len(problems) == PROBLEMS_AT_MOST:
                break
            continue
        text, intent = cells[columns.text].strip(), cells[columns.intent].strip()
        if intent == OUT_OF_SCOPE:
            out_of_scope.append(text)
        else:
            examples.append(Example(text, intent, line))
    if problems:
        raise UnreadableDataError(source, sorted(problems, key=lambda problem: problem[0] or 0))
    return Dataset(tuple(examples), source=source, out_of_scope=tuple(out_of_scope))


class _Columns(NamedTuple):
    """Where a row has what, and how many values it has."""

    text: int
    intent: int
    width: int = 2


def _columns_of_heading(cells: Sequence[str]) -> _Columns | None:
    """
    Say which cells head the texts and the intents, or None where the cells are no heading.

    Raises:
        ValueError: they are one, and two columns could be the texts, or the intents.
    """
    names = [cell.strip().casefold() for cell in cells]
    texts = [column for column, name in enumerate(names) if name in TEXT_HEADINGS]
    intents = [column for column, name in enumerate(names) if name in INTENT_HEADINGS]
    if not texts or not intents:
        return None
    for what, found in (("text", texts), ("intent", intents)):
        if len(found) > 1:
            several = " and ".join(repr(cells[column].strip()) for column in found)
            raise ValueError(f"{several} could each be the {what}; rename or leave out all but one")
    return _Columns(texts[0], intents[0], len(cells))


def _problem_of(cells: Sequence[str], columns: _Columns, hint: str) -> str | None:
    """Say what is wrong with a row, or None."""
    if len(cells) != columns.width or len(cells) > CELLS_AT_MOST:
        wanted = f"the heading has {columns.width}" if columns.width > 2 else "text and intent make 2"  # noqa: PLR2004
        n_cells = f"{len(cells)} value{'s' * (len(cells) != 1)}"
        told = f"more than {CELLS_AT_MOST} values" if len(cells) > CELLS_AT_MOST else n_cells
        return f"{told} where {wanted}{hint}"
    if not cells[columns.text].strip():
        return "the text is empty"
    if not cells[columns.intent].strip():
        return "the intent is empty"
    return None
