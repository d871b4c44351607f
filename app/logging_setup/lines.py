"""
Log records as lines: for people, or as JSON for programs.

Whatever stands in a record, it cannot begin another line that looks like one of ours: what would break a line, or hide
a part of it, is written as its escape, and lines of an exception are indented.
"""

import json
import logging
import re
import time
from contextvars import ContextVar
from typing import Final

CURRENT_REQUEST: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""Id of the request that is being answered here, if one is; `extra={"request_id": …}` wins over it."""

# control characters, what breaks lines in Unicode, what turns their direction, and what is no character
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_INDENT: Final = "    "


class _Lines(logging.Formatter):
    """What both kinds need of a record."""

    def __init__(self) -> None:
        super().__init__()
        self._second = (0, "")

    def time_of(self, record: logging.LogRecord) -> str:
        """Write the time in UTC, as ISO 8601 has it."""
        second = int(record.created)
        known, written = self._second
        if known != second:
            written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = (second, written)
        return f"{written}.{int(record.msecs):03d}Z"

    def trouble_of(self, record: logging.LogRecord) -> str:
        """Give the exception and the stack of a record; empty where it has none."""
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        return "\n".join(part for part in (record.exc_text, record.stack_info) if part)


class TextLines(_Lines):
    """`2026-01-31T12:00:00.000Z INFO parley.access [id]: …`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as a line, and those of its exception below it."""
        request_id = request_id_of(record)
        within = f" [{escaped(request_id)}]" if request_id else ""
        message = escaped(record.getMessage())
        line = f"{self.time_of(record)} {record.levelname} {record.name}{within}: {message}"
        trouble = self.trouble_of(record)
        return "\n".join([line, *(_INDENT + escaped(part) for part in trouble.splitlines())]) if trouble else line


class JsonLines(_Lines):
    """`{"time": …, "level": …, "logger": …, "message": …, "request_id"?: …, "exception"?: …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line of ASCII."""
        content = {
            "time": self.time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_id_of(record):
            content["request_id"] = request_id
        if trouble := self.trouble_of(record):
            content["exception"] = trouble
        return json.dumps(content)


def request_id_of(record: logging.LogRecord) -> str | None:
    """Give the id of the request that a record is about."""
    return getattr(record, "request_id", None) or CURRENT_REQUEST.get()


def escaped(text: str) -> str:
    """Write what is unfit for a line as its escape."""
    if text.isprintable():
        return text
    return _UNFIT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
