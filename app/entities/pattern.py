"""What a regular expression finds. One that takes too long is told once, and never keeps a text from its answer."""

import logging
from typing import Final

from ..domain.errors import InvalidValueError
from ..text.timed_pattern import SECONDS_OF_A_PATTERN, compiled
from .asked import SPANS_AT_MOST, Asked, Found, Span

_log = logging.getLogger(__name__)

_LEAST_SECONDS: Final = 0.002


class PatternFinder:
    """Finds what matches, or what a group of it does."""

    takes_time = True

    def __init__(self, pattern: str, group: int | str, where: str) -> None:
        """
        Take a pattern; `where` names it in errors.

        Raises:
            InvalidValueError: it is no pattern, or has no such group.
        """
        self._pattern, self._group, self._where = compiled(pattern, f"{where}.pattern"), group, where
        self._seconds, self._is_told = SECONDS_OF_A_PATTERN, False
        known = self._pattern.groupindex.keys() if isinstance(group, str) else range(self._pattern.groups + 1)
        if group not in known:
            told = ", ".join(map(str, known)) or "none"
            raise InvalidValueError(f"{where}.group", f"the pattern has no group {group!r}; it has {told}")

    def find(self, asked: Asked) -> Found:
        """Find the matches that are not empty, as many as there is time for."""
        spans: list[Span] = []
        try:
            for match in self._pattern.finditer(asked.text, timeout=self._seconds, concurrent=True):
                start, end = match.span(self._group)
                if start >= end or (spans and start < spans[-1].end):
                    continue
                if len(spans) == SPANS_AT_MOST:
                    return Found(spans, is_complete=False)
                spans.append(Span(start, end, asked.text[start:end]))
        except (TimeoutError, MemoryError):
            # a thousand texts like this one take seconds together, not minutes
            self._seconds = max(self._seconds / 2, _LEAST_SECONDS)
            if not self._is_told:
                self._is_told = True
                _log.warning(
                    "%s: the pattern took more than %.1f s for a text of %d characters; such texts are answered "
                    "without what it would find, and this is told once", self._where,
                    SECONDS_OF_A_PATTERN, len(asked.text),
                )  # fmt: skip
            return Found(spans, is_complete=False)
        self._seconds = min(self._seconds * 2, SECONDS_OF_A_PATTERN)
        return Found(spans)
