"""Read the text of a data file."""

from pathlib import Path

from ..domain.training_errors import UnreadableDataError


def read_text(path: Path) -> str:
    """
    Read a file of UTF-8, without the byte order mark that some write before it.

    Raises:
        UnreadableDataError: the file cannot be read, or is not UTF-8 (with the line where it is not).
    """
    source = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDataError(source, [(None, f"cannot be read: {error.strerror}")]) from None
    return decoded(data, source)


def decoded(data: bytes, source: str) -> str:
    """
    Give the text of UTF-8, without a byte order mark; `source` names it in errors.

    Raises:
        UnreadableDataError: it is not UTF-8 (with the line where it is not).
    """
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableDataError(source, [(line, f"not UTF-8: byte 0x{data[error.start]:02x}")]) from None
