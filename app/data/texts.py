"""
Read texts that have no intent: one a line, with or without the heading that rows of text and intent have.

Behind a text may stand what says the same in rows of text and intent: a tab, or four blanks, and `<unknown>`.
"""

from pathlib import Path

from ..domain.training_errors import UnreadableDataError
from .formats.rows import OUT_OF_SCOPE, TEXT_HEADINGS
from .formats.tsv_rows import cells_of
from .text_file import read_text


def read_texts(path: Path) -> tuple[str, ...]:
    """
    Read texts; blank lines are none.

    Raises:
        UnreadableDataError: the file cannot be read, or there is no text in it.
    """
    source = str(path)
    lines = [(number, _text_of(line)) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    if lines and lines[0][1].casefold() in TEXT_HEADINGS:
        del lines[0]
    if columns := [(number, "a tab: a line is one text, without an intent") for number, line in lines if "\t" in line]:
        raise UnreadableDataError(source, columns)
    if not lines:
        raise UnreadableDataError(source, [(None, "no text")])
    return tuple(line for _, line in lines)


def _text_of(line: str) -> str:
    text, *intent = cells_of(line)
    return text.strip() if [value.strip() for value in intent] == [OUT_OF_SCOPE] else line.strip()
