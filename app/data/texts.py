"""Read texts that have no intent: one a line, with or without the heading that rows of text and intent have."""

from pathlib import Path

from ..domain.training_errors import UnreadableDataError
from .formats.rows import TEXT_HEADINGS
from .text_file import read_text


def read_texts(path: Path) -> tuple[str, ...]:
    """
    Read texts; blank lines are none.

    Raises:
        UnreadableDataError: the file cannot be read, or there is no text in it.
    """
    source = str(path)
    lines = [(number, line.strip()) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    if lines and lines[0][1].casefold() in TEXT_HEADINGS:
        del lines[0]
    if columns := [(number, "a tab: a line is one text, without an intent") for number, line in lines if "\t" in line]:
        raise UnreadableDataError(source, columns)
    if not lines:
        raise UnreadableDataError(source, [(None, "no text")])
    return tuple(line for _, line in lines)
