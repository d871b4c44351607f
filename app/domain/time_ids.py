"""
Ids that sort as what they belong to came about: UUIDs of version 7, which begin with the time.

What is older than a day is all that lies below one id. Times are UTC.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_VERSION: Final = 0x7 << 76
_VARIANT: Final = 0x2 << 62
_RANDOM_BITS: Final = 62


def new_time_id(time: datetime) -> UUID:
    """Make the id of something that came about at that time."""
    random = int.from_bytes(os.urandom(8), "big") & ((1 << _RANDOM_BITS) - 1)
    return UUID(int=first_time_id(time).int | random)


def new_time_ids(time: datetime, n_ids: int) -> list[UUID]:
    """Make the ids of things that came about at that time, in the order they are to be kept in."""
    random = int.from_bytes(os.urandom(8), "big") & ((1 << _RANDOM_BITS - 1) - 1)  # half of them: room to count
    first = first_time_id(time).int | random
    return [UUID(int=first + number) for number in range(n_ids)]


def first_time_id(time: datetime) -> UUID:
    """Give the id that nothing of that time, to the microsecond, lies below."""
    milliseconds, microseconds = divmod(max(0, (time - _EPOCH) // _MICROSECOND), 1000)
    fraction = -(-microseconds * 4096 // 1000)  # of a millisecond, in 12 bits; rounded up, so that each has its own
    return UUID(int=milliseconds << 80 | _VERSION | fraction << 64 | _VARIANT)
