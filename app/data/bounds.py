"""
How much a data file may hold, looked at before anything is made of it: a character can become 100 bytes of memory.

What a text or an intent may be is told by whoever learns from it; here a file as such is bounded.
"""

from typing import Final

from ..domain.training_errors import UnreadableDataError

LINES_AT_MOST: Final = 2_000_000
LINE_AT_MOST: Final = 1 << 20
CELLS_AT_MOST: Final = 64
"""Of a row that are kept; two make an example."""
PROBLEMS_AT_MOST: Final = 10_000
"""Of a file; who has so many has another format."""
_MARKS_AT_MOST: Final = 6_000_000


def check_rows(text: str, source: str) -> None:
    """
    Look at a file of lines.

    Raises:
        UnreadableDataError: it has too many, or one is too long.
    """
    if text.count("\n") > LINES_AT_MOST:
        raise UnreadableDataError(source, [(None, f"it has more than {LINES_AT_MOST:,} lines")])
    begins, n_lines = 0, 1
    while len(text) - begins > LINE_AT_MOST:
        end = text.rfind("\n", begins, begins + LINE_AT_MOST + 1)
        if end < 0:
            raise UnreadableDataError(source, [(n_lines, f"the line has more than {LINE_AT_MOST:,} characters")])
        n_lines += text.count("\n", begins, end + 1)
        begins = end + 1


def check_json(text: str, source: str) -> None:
    """
    Look at a file that is one JSON document.

    Raises:
        UnreadableDataError: it holds too many values.
    """
    if sum(map(text.count, ",[{")) > _MARKS_AT_MOST:
        raise UnreadableDataError(source, [(None, f"it has more than {_MARKS_AT_MOST:,} commas and brackets")])
