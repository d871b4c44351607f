"""
The time of a limit, cut into buckets, as a record in memory.

One bucket more is kept than the time takes, so that no period of that length ever sees more requests than the limit,
wherever it begins. In return a request counts up to a nineteenth longer than it has to.
"""

import struct
from collections.abc import Mapping, Sequence
from mmap import mmap
from typing import Final, NamedTuple

_N: Final = 20
_LAST: Final = _N - 1
_NONE: Final = (0,) * _N
_RECORD: Final = struct.Struct(f"=Q{_N}I{_N}i")
_NUMBER: Final = struct.Struct("=Q")
_COUNTED: Final = struct.Struct(f"={_N}I")
_COUNT: Final = struct.Struct("=I")
_DIFFERENCE: Final = struct.Struct("=i")
_LAST_COUNTED_AT: Final = struct.calcsize(f"=Q{_LAST}I")
_LAST_UNTOLD_AT: Final = struct.calcsize(f"=Q{_N + _LAST}I")
_MOST: Final = (1 << 32) - 1

RECORD_BYTES: Final = _RECORD.size


class Buckets(NamedTuple):
    """Requests by bucket, the oldest first; the number of a bucket says which time it is for."""

    newest: int
    """Number of the last one."""
    counted: Sequence[int]
    untold: Sequence[int]
    """What other machines have not been told of: requests, or that there are fewer of them."""

    @property
    def numbers(self) -> range:
        """Number of each bucket."""
        return range(self.newest - _LAST, self.newest + 1)

    def without_last(self) -> "Buckets":
        """Forget the last request, where there is one."""
        place = next((place for place in reversed(range(_N)) if self.counted[place]), None)
        if place is None:
            return self
        counted, untold = [*self.counted], [*self.untold]
        counted[place] -= 1
        untold[place] -= 1
        return Buckets(self.newest, counted, untold)

    def all_told(self) -> "Buckets":
        """Take all requests for told."""
        return self._replace(untold=_NONE)

    def with_totals(self, totals: Mapping[int, int]) -> "Buckets":
        """
        Take over what all machines have counted.

        What was counted here and told by somebody else may not be among it yet, so that the larger number is the truer.
        """
        have = zip(self.numbers, self.counted, self.untold, strict=True)
        counted = [min(max(count, totals.get(number, 0) + untold), _MOST) for number, count, untold in have]
        return self._replace(counted=counted)

    def number_with(self, n: int) -> int:
        """Give the number of the bucket in which, from the oldest on, so many requests are reached."""
        for number, count in zip(self.numbers, self.counted, strict=True):
            n -= count
            if n <= 0:
                return number
        return self.newest


def number_at(now: float, seconds: int) -> int:
    """Give the number of the bucket for a time since the epoch, under a limit of so many seconds."""
    return int(now * _LAST / seconds)


def ends_at(number: int, seconds: int) -> float:
    """Say from when on a bucket does not count any more, in seconds since the epoch."""
    return (number + _N) * seconds / _LAST


def read(memory: mmap, begin: int, newest: int) -> Buckets:
    """Read a record, as it is when its newest bucket has this number."""
    number, *counts = _RECORD.unpack_from(memory, begin)
    passed = newest - number
    if -_N < passed <= 0:  # a clock that was set back a little waits for its buckets
        return Buckets(number, counts[:_N], counts[_N:])
    if not 0 < passed < _N:
        return Buckets(newest, _NONE, _NONE)
    new = [0] * passed
    return Buckets(newest, counts[passed:_N] + new, counts[_N + passed :] + new)


def write(memory: mmap, begin: int, buckets: Buckets) -> None:
    """Write a record."""
    _RECORD.pack_into(memory, begin, buckets.newest, *buckets.counted, *buckets.untold)


def newest_of(memory: mmap, begin: int) -> int:
    """Give the number of the newest bucket of a record."""
    number: int = _NUMBER.unpack_from(memory, begin)[0]
    return number


def counted_in(memory: mmap, begin: int) -> int:
    """Give the requests of a record."""
    return sum(_COUNTED.unpack_from(memory, begin + _NUMBER.size))


def add_one(memory: mmap, begin: int) -> None:
    """Count a request in the newest bucket of a record."""
    for count, at in ((_COUNT, begin + _LAST_COUNTED_AT), (_DIFFERENCE, begin + _LAST_UNTOLD_AT)):
        count.pack_into(memory, at, count.unpack_from(memory, at)[0] + 1)
