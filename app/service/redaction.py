"""
Take out of texts what says who wrote them, before they are stored.

Addresses and numbers are found by patterns that take time in proportion to the text. The operator's own patterns may
be of any kind, so they are run by a library that gives up after a while and holds no other thread up meanwhile; a text
that one of them did not get through is not stored at all.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..domain.errors import InvalidValueError
from ..text.timed_pattern import SECONDS_OF_A_PATTERN, compiled

if TYPE_CHECKING:
    import regex

UNFINISHED: Final = "<not redacted in time>"

# Possessive, and never begun within what was already tried: a text of ten thousand letters is read once or twice.
_EMAIL: Final = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++[@＠][\w-]++(?:\.[\w-]++)*+")
# Digits of any script, with what people set between the groups of a card's, phone's or account's number.
_NUMBER: Final = re.compile(r"(?:\+\s?|\(|\+\()?\d(?:[\s().,:/_\u2010-\u2015·-]{0,3}\d)*+")
_MARKER: Final = re.compile(r"[a-z]+(_[a-z]+)*", re.ASCII)


class Redaction:
    """Replaces addresses, numbers and what the operator named by markers; for one thread or many."""

    def __init__(self, patterns: Mapping[str, str] | None = None) -> None:
        """
        Take regular expressions by marker: `{"customer": "C-[0-9]+"}` leaves `<customer>`.

        Raises:
            InvalidValueError: a marker or an expression that cannot be used, named.
        """
        self._patterns = [(f"<{marker}>", _compiled(marker, pattern)) for marker, pattern in (patterns or {}).items()]

    def __call__(self, text: str) -> str:
        """Give the text with markers, or `UNFINISHED` where a pattern of the operator's took too long."""
        for marker, pattern in self._patterns:
            try:
                text = pattern.sub(marker, text, timeout=SECONDS_OF_A_PATTERN, concurrent=True)
            except (TimeoutError, MemoryError):
                return UNFINISHED
        return _NUMBER.sub("<number>", _EMAIL.sub("<email>", text))


def _compiled(marker: str, pattern: str) -> "regex.Pattern[str]":
    where = f"redact.{marker}"
    if not _MARKER.fullmatch(marker):
        raise InvalidValueError(where, "a marker is made of small letters and underscores")
    return compiled(pattern, where)
