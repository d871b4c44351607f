"""
JSON documents whose texts know their lines; the json module tells lines of syntax errors only.

What is wrong with the document itself is told here, what is wrong with a value by who knows the format.
"""

import bisect
import json
import json.scanner
import re
from typing import Any, Final

from ...domain.training_errors import UnreadableDataError

HALF_A_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def read_document(text: str, source: str, what: str) -> Any:  # noqa: ANN401 - any JSON value
    """
    Read a document; `what` names its kind in errors.

    Raises:
        UnreadableDataError: it is not JSON, or no reader of it could hold it.
    """
    try:
        return _LineDecoder(text).decode(text)
    except json.JSONDecodeError as error:
        problem: tuple[int | None, str] = (error.lineno, f"not JSON: {error.msg} (column {error.colno})")
    except RecursionError:
        problem = (None, f"not {what}: nested too deeply")
    except ValueError:  # Python's bound on the digits of a number, the one other thing that json lets through
        problem = (None, f"not {what}: a number of too many digits")
    raise UnreadableDataError(source, [problem])


class _Located(str):
    """A text that knows the line it began on."""

    __slots__ = ("line",)
    line: int


class _LineDecoder(json.JSONDecoder):
    """Gives every text of a document its line; json tells lines of syntax errors only."""

    def __init__(self, document: str) -> None:
        super().__init__()
        ends = [position for position, character in enumerate(document) if character == "\n"]
        plain = json.decoder.scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

        def located(text: str, position: int, strict: bool = True) -> tuple[_Located, int]:  # noqa: FBT001, FBT002 - json's signature
            value, end = plain(text, position, strict)
            found = _Located(value)
            found.line = bisect.bisect_left(ends, position - 1) + 1
            return found, end

        self.parse_string = located
        # the C scanner ignores parse_string
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]  # typeshed leaves it out


def line_of(value: object) -> int | None:
    """Give the line that a text began on, or None of any other value."""
    return value.line if isinstance(value, _Located) else None


def line_in(item: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """Give the line of the first text within a value, or None where there is none."""
    values = item.values() if isinstance(item, dict) else item if isinstance(item, list) else [item]
    for value in values:
        line = line_in(value) if isinstance(value, dict | list) else line_of(value)
        if line is not None:
            return line
    return None
