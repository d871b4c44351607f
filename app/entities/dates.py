"""
Dates in texts: a pattern says what looks like one (date_pattern.py), dateparser says which day it is.

What dateparser cannot read as a whole is none. Values are ISO 8601, as exact as the text is: a day, a moment, a month,
a week or a year. A date that could be past or to come is to come.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from .asked import Asked, Found, Span
from .date_pattern import date_pattern

_DATES_AT_MOST: Final = 20
"""Of a text: each takes half a millisecond."""
_SETTINGS: Final = {"PREFER_DATES_FROM": "future", "RETURN_TIME_AS_PERIOD": True}
_TRIAL: Final = "2026-05-01 tomorrow"


class DateFinder:
    """Finds dates in the languages given, the first of them counting where several read the same words."""

    takes_time = True

    def __init__(self, languages: Sequence[str]) -> None:
        """Load what reads dates, and read some."""
        from dateparser.date import DateDataParser  # noqa: PLC0415 - it takes 17 MB, and only where dates are looked for

        self._parser = DateDataParser
        self._patterns = [(language, date_pattern(language)) for language in languages]
        self.find(Asked(_TRIAL, datetime(2026, 1, 1)))  # noqa: DTZ001 - as a request's is: of this machine's zone

    def find(self, asked: Asked) -> Found:
        """Find them."""
        spans: dict[int, Span] = {}
        n_asked = 0
        for language, pattern in self._patterns:
            for match in pattern.finditer(asked.text):
                if n_asked == _DATES_AT_MOST:
                    return Found(_apart(spans), is_complete=False)
                n_asked += 1
                if span := self._read(match, language, asked.now):
                    spans.setdefault(span.start, span)
        return Found(_apart(spans))

    def _read(self, match: re.Match[str], language: str, now: datetime) -> Span | None:
        """Read a candidate whole, or without the time behind it where dateparser makes nothing of that."""
        value = self._value(match[0], language, now)
        if value is not None and (match["time"] is None or "T" in value):
            return Span(match.start(), match.end(), value)
        value = self._value(match["core"], language, now)
        return None if value is None else Span(match.start(), match.end("core"), value)

    def _value(self, text: str, language: str, now: datetime) -> str | None:
        parser = self._parser(languages=[language], settings={**_SETTINGS, "RELATIVE_BASE": now.replace(tzinfo=None)})
        try:
            read = parser.get_date_data(text)
        except (ValueError, OverflowError):  # a day that no calendar has
            return None
        return None if read.date_obj is None else _iso(read.date_obj, read.period)


def _iso(moment: datetime, period: str) -> str:
    if period == "time":
        return moment.replace(microsecond=0).isoformat()
    if period == "week":
        year, week, _ = moment.isocalendar()
        return f"{year:04d}-W{week:02d}"
    whole = moment.date().isoformat()
    return whole[:4] if period == "year" else whole[:7] if period == "month" else whole


def _apart(spans: dict[int, Span]) -> list[Span]:
    """Give them in order, none of them overlapping the one before it."""
    apart: list[Span] = []
    for _, span in sorted(spans.items()):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart
