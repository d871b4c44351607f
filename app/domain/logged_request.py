"""
A request and its reply, as the request log keeps them.

Tuples, since one is made for every request. Times are UTC. `id` is a UUID of version 7: it begins with the time, so ids
sort as the requests came, and what is older than a day is all that lies below one id.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_VERSION: Final = 0x7 << 76
_VARIANT: Final = 0x2 << 62
_RANDOM_BITS: Final = 62


class LoggedInput(NamedTuple):
    """One input of a request: its intent or why there is none, and its text where texts are kept."""

    intent: str | None
    confidence: float | None
    fallback: str | None = None
    text: str | None = None


class AnsweredInputs(NamedTuple):
    """What a version of a model answered to the inputs of one request."""

    model: str
    version: int
    inputs: tuple[LoggedInput, ...]


class LoggedRequest(NamedTuple):
    """One request: `endpoint` is the route's template, `seconds` the time until the reply was made."""

    request_id: str
    time: datetime
    caller: str | None
    method: str
    endpoint: str
    status: int
    seconds: float
    model: str | None = None
    version: int | None = None
    inputs: tuple[LoggedInput, ...] = ()


class LogEntry(NamedTuple):
    """A request with its place in the log."""

    id: UUID
    request: LoggedRequest


class LogFilter(NamedTuple):
    """Which requests are asked for; what is None does not matter. An intent is that of any input."""

    model: str | None = None
    intent: str | None = None
    fallbacks_only: bool = False
    since: datetime | None = None


def new_entry_id(time: datetime) -> UUID:
    """Make the id of a request that came at that time."""
    random = int.from_bytes(os.urandom(8), "big") & ((1 << _RANDOM_BITS) - 1)
    return UUID(int=first_entry_id(time).int | random)


def first_entry_id(time: datetime) -> UUID:
    """Give the id that no request of that time, to the microsecond, lies below."""
    milliseconds, microseconds = divmod(max(0, (time - _EPOCH) // _MICROSECOND), 1000)
    fraction = -(-microseconds * 4096 // 1000)  # of a millisecond, in 12 bits; rounded up, so that each has its own
    return UUID(int=milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT)
