"""
Read moments in any form of ISO 8601.

Dates: of the calendar, of the week (`2024-W05-3`) and of the year (`2024-031`), whole or only to the month, the week or
the year, with or without hyphens. Times: to the hour, the minute or the second, the last of these with a fraction of
any length; 24:00; a leap second. Zones: `Z`, hours, or hours and minutes. Between date and time stands a T or a blank.
What is left out is the first there is; without a zone it is UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

_DATE: Final = (
    r"(?P<year>\d{4})"
    r"(?:-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?"
    r"|-(?P<month>\d\d)(?:-(?P<day>\d\d))?"
    r"|(?P<month_>\d\d)(?P<day_>\d\d)"
    r"|-?(?P<ordinal>\d{3}))?"
)
_TIME: Final = r"(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?:[.,](?P<fraction>\d+))?"
_ZONE: Final = r"(?P<zone>Z|(?P<sign>[+−-])(?P<zone_hour>\d\d)(?::?(?P<zone_minute>\d\d))?)"
_FORM: Final = re.compile(rf"{_DATE}(?:(?:T|[ ]){_TIME}[ ]?{_ZONE}?)?", re.ASCII | re.IGNORECASE)
_LONGEST: Final = 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400.0


class Moment(NamedTuple):
    """A moment as it was written."""

    seconds: float
    """Since 1970 in UTC."""
    local_seconds: float | None
    """Of its day, in its own zone; None where no time was written."""
    weekday: int
    """In its own zone; 0 is Monday."""
    has_zone: bool


def moment_of(text: str) -> Moment | None:
    """Read a moment, or None where the text is of no such form or names a day or time that there is not."""
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    try:
        day = _day(found)
        time = _time(found)
        offset = _offset(found)
        # also the day that 24:00 and zones lead to has to be one
        passed = (datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
    return Moment(passed + (time or 0.0) - offset, time, day.weekday(), found["zone"] is not None)


def _day(found: re.Match[str]) -> date:
    year = int(found["year"])
    if found["week"]:
        return date.fromisocalendar(year, int(found["week"]), int(found["weekday"] or 1))
    if found["ordinal"]:
        day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
        if day.year != year:
            raise ValueError("a year has no such day")
        return day
    return date(year, int(found["month"] or found["month_"] or 1), int(found["day"] or found["day_"] or 1))


def _time(found: re.Match[str]) -> float | None:
    """Give the seconds of the day, or None where no time was written."""
    if found["hour"] is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    # a fraction is that of the last part that was written
    part = 1.0 if found["second"] else 60.0 if found["minute"] else 3_600.0
    seconds = hour * 3_600 + minute * 60 + second + float(f"0.{found['fraction'] or 0}") * part
    is_leap = second == 60 and minute == 59  # noqa: PLR2004 - whatever the hour is there, it is that of UTC's midnight
    if minute > 59 or (second > 59 and not is_leap) or (seconds > _DAY and not is_leap) or hour > 24:  # noqa: PLR2004
        raise ValueError("a day has no such time")
    return min(seconds, _DAY)


def _offset(found: re.Match[str]) -> float:
    if not found["sign"]:
        return 0.0
    hours, minutes = int(found["zone_hour"]), int(found["zone_minute"] or 0)
    if hours > 23 or minutes > 59:  # noqa: PLR2004
        raise ValueError("there is no such zone")
    return (hours * 3_600 + minutes * 60) * (1 if found["sign"] == "+" else -1)
