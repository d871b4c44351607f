"""A moment: when it was, and what of the day and of the week it was. What it says of another one, see `differences`."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from .contract import FieldReader, Presence, Reading, malformed, quoted
from .iso8601 import moment_of

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
_YEAR: Final = 365.25 * 24 * _HOUR

NUMBERS: Final = ("year", "hour", "is night", "is weekend", "is a date alone", "is a whole hour")


def _read(text: str) -> Reading:
    moment = moment_of(text.strip())
    if moment is None:
        return malformed(f"not a date and time of ISO 8601: {quoted(text)}")
    time = moment.local_seconds
    hour = (time or 0.0) / _HOUR
    numbers = (
        moment.seconds / _YEAR,
        hour,
        float(time is not None and hour < 6),  # noqa: PLR2004
        float(moment.weekday > 4),  # noqa: PLR2004
        float(time is None),
        float(time is not None and time % _HOUR == 0),
    )
    return Reading(Presence.HELD, (), numbers, seconds=moment.seconds)


def differences(seconds: Sequence[float]) -> list[float]:
    """
    Give how far each two moments lie apart, in orders of magnitude, below 0 where the later comes first.

    Where either is unknown the difference is not a number.
    """
    return [
        math.copysign(math.log1p(abs(later - sooner) / _MINUTE), later - sooner)
        for sooner, later in combinations(seconds, 2)
    ]


READER: Final = FieldReader(NUMBERS, _read)
