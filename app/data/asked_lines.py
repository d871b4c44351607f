"""
Files of lines to be answered: a text or an object of JSON each, with an id that is given back.

    "hello"
    {"text": "hello", "id": 7}
    {"record": {"bio": "…"}, "id": "a"}

Whatever stands in a line, the next one is read. No more than one line is in memory, and of that no more than
`LINE_AT_MOST`.
"""

import codecs
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from ..domain.batch_errors import InvalidLineError, LineTooLongError
from ..domain.errors import InvalidRequestError
from ..domain.example import Input
from .bounds import LINE_AT_MOST

_ID_AT_MOST: Final = 1_000
_TOLD_AT_MOST: Final = 200
_ASKED: Final = 'a text, or an object with "text" or "record"'


class AskedLine(NamedTuple):
    """A line, by its number from 1: what is to be answered, or why that cannot be."""

    number: int
    asked: Input | InvalidRequestError
    id: Raw | UnsetType = UNSET
    """As it was written; a scalar of JSON."""


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    text: str | UnsetType = UNSET
    record: dict[str, Any] | UnsetType = UNSET
    id: Raw | UnsetType = UNSET


_decoder = msgspec.json.Decoder(str | _Line)


def read_lines(file: BinaryIO) -> Iterator[AskedLine]:
    """Read each line of a file; what follows the last line feed is a line where it is anything."""
    number = 0
    while line := file.readline(LINE_AT_MOST + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > LINE_AT_MOST and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_AT_MOST)
            yield AskedLine(number, LineTooLongError(LINE_AT_MOST))
        else:
            yield _read(number, line.strip())


def _read(number: int, line: bytes) -> AskedLine:
    if not line:
        return AskedLine(number, InvalidLineError(f"the line is empty; {_ASKED} is expected"))
    try:
        line.decode()  # an id is looked at no further
        asked = _decoder.decode(line)
    except UnicodeDecodeError as error:
        return AskedLine(number, InvalidLineError(f"not UTF-8: byte 0x{error.object[error.start]:02x}"))
    except msgspec.ValidationError as error:
        return AskedLine(number, InvalidLineError(f"{_ASKED} is expected: {str(error)[:_TOLD_AT_MOST]}"))
    except msgspec.DecodeError as error:
        return AskedLine(number, InvalidLineError(f"not JSON: {str(error)[:_TOLD_AT_MOST]}"))
    except RecursionError:
        return AskedLine(number, InvalidLineError("nested too deeply"))
    return AskedLine(number, asked) if isinstance(asked, str) else _of_object(number, asked)


def _of_object(number: int, line: _Line) -> AskedLine:
    if isinstance(line.id, Raw):
        written = bytes(line.id)
        if written[:1] in b"[{" or len(written) > _ID_AT_MOST:
            problem = f"id: a text, a number, true, false or null of up to {_ID_AT_MOST:,} bytes is expected"
            return AskedLine(number, InvalidLineError(problem))
    if isinstance(line.text, str) and line.record is UNSET:
        return AskedLine(number, line.text, line.id)
    if isinstance(line.record, dict) and line.text is UNSET:
        return AskedLine(number, line.record, line.id)
    return AskedLine(number, InvalidLineError('either "text" or "record" is expected'), line.id)
