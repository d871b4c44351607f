"""How many requests a caller may send in which time."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_UNITS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_LIMIT: Final = re.compile(
    rf"(?P<most>[0-9]{{1,9}})\s*(/|per)\s*((?P<times>[0-9]{{1,4}})\s*)?(?P<unit>{'|'.join(_UNITS)})s?", re.ASCII
)
_LONGEST_S: Final = 31 * 86_400
_LIMITS_AT_MOST: Final = 4


class RateLimit(NamedTuple):
    """So many requests in so many seconds, whichever seconds these are."""

    most: int
    seconds: int

    def __str__(self) -> str:
        """Write it as people do: `100/minute`, `5/10 seconds`."""
        unit, length = next((unit, s) for unit, s in reversed(_UNITS.items()) if self.seconds % s == 0)
        times = self.seconds // length
        return f"{self.most}/{unit}" if times == 1 else f"{self.most}/{times} {unit}s"


class Allowance(NamedTuple):
    """What a limit leaves to a caller."""

    limit: RateLimit
    remaining: int
    """Requests that would be answered now."""
    reset_s: float
    """Until all of the limit is free, where nothing is sent meanwhile."""


class Slot(NamedTuple):
    """Where the requests of one caller under one limit are counted; the same in all processes and machines."""

    shelf: int
    tag: int
    limit: RateLimit


class Claim(NamedTuple):
    """Requests that whoever claimed them tells the other machines."""

    slot: Slot
    untold: Mapping[int, int]
    """By the number of the bucket of time that they fell into."""
    oldest: int
    """The first number that still counts."""


def parse_rate_limits(text: str) -> tuple[RateLimit, ...]:
    """
    Read limits as people write them: `100/minute`, `10 per second; 1000/2 hours`.

    Raises:
        ValueError: it is none; the sentence says which part.
    """
    limits = tuple(_parse(part.strip()) for part in text.split(";"))
    if len(limits) > _LIMITS_AT_MOST:
        raise ValueError(f"{len(limits)} limits; {_LIMITS_AT_MOST} at the most")
    return limits


def _parse(text: str) -> RateLimit:
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no limit; write 100/minute or 10/second; 1000/2 hours")
    limit = RateLimit(int(found["most"]), int(found["times"] or 1) * _UNITS[found["unit"]])
    if not limit.most or not 0 < limit.seconds <= _LONGEST_S:
        raise ValueError(f"{text!r} is no limit that can be kept: 1 request or more, in 1 second to 31 days")
    return limit
