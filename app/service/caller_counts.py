"""
Who has sent how many requests lately, in memory that all workers of a machine see.

The clock is read while others are kept away: who had read it before, and was held up, would take the others' time for a
clock that was set back, and begin anew.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b
from mmap import mmap
from typing import Final, Protocol

from ..domain.rate_limit import Allowance, Claim, RateLimit, Slot
from . import buckets
from .buckets import Buckets

_NAMES_KEPT: Final = 10_000


class Records(Protocol):
    """Memory of records, which several processes may write."""

    memory: mmap

    def locked(self, shelf: int) -> AbstractContextManager[object]: ...  # noqa: D102 - keeps others from a shelf
    def find(self, shelf: int, tag: int) -> int | None: ...  # noqa: D102 - gives where a record begins
    def make(self, shelf: int, tag: int) -> int: ...  # noqa: D102 - of zeros
    def keep_until(self, begin: int, second: int) -> None: ...  # noqa: D102 - nothing in it counts after that


class CallerCounts:
    """Counts by caller and limit; safe to share between threads and processes."""

    def __init__(
        self, records: Records, limits: Sequence[RateLimit], *, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` gives seconds since the epoch."""
        self._records, self._limits, self._clock = records, tuple(limits), clock
        self._slots: dict[str, tuple[Slot, ...]] = {}

    def count(self, who: str, *, only_ask: bool = False) -> Allowance | None:
        """
        Count a request where every limit allows it.

        Args:
            who: any name of a caller.
            only_ask: whether a request would be counted, and count none.

        Returns:
            What is left under the limit that leaves least, or None where the request is not allowed.
        """
        slots = self._slots.get(who) or self._slots_of(who)
        memory = self._records.memory
        least: Allowance | None = None
        with self._records.locked(slots[0].shelf):
            now = self._clock()
            begins = [self._current(slot, now) for slot in slots]
            for slot, begin in zip(slots, begins, strict=True):
                limit = slot.limit
                remaining = limit.most - buckets.counted_in(memory, begin)
                if remaining <= 0:
                    return None
                if least is None or remaining <= least.remaining:
                    free_at = buckets.ends_at(buckets.newest_of(memory, begin), limit.seconds)
                    least = Allowance(limit, remaining - 1, free_at - now)
            if not only_ask:
                for begin in begins:
                    buckets.add_one(memory, begin)
        return least

    def refusal(self, who: str) -> tuple[Allowance, float]:
        """Say which limit a caller waits for longest, and for how many seconds until one more request is allowed."""
        refusals = []
        for slot in self._slots_of(who):
            with self._records.locked(slot.shelf):
                now = self._clock()
                there = self._read(self._current(slot, now))
            seconds = slot.limit.seconds
            too_many = sum(there.counted) + 1 - slot.limit.most
            wait_s = buckets.ends_at(there.number_with(too_many), seconds) - now if too_many > 0 else 0.0
            refusals.append((wait_s, Allowance(slot.limit, 0, buckets.ends_at(there.newest, seconds) - now)))
        wait_s, allowance = max(refusals)
        return allowance, wait_s

    def take_back(self, who: str) -> None:
        """Forget the last request of a caller."""
        for slot in self._slots_of(who):
            with self._records.locked(slot.shelf):
                begin = self._current(slot, self._clock())
                self._write(slot, begin, self._read(begin).without_last())

    def claim(self, who: str) -> list[Claim]:
        """Take what the others have not been told; from here on it counts as told."""
        claims = []
        for slot in self._slots_of(who):
            with self._records.locked(slot.shelf):
                begin = self._current(slot, self._clock())
                there = self._read(begin)
                self._write(slot, begin, there.all_told())
            untold = {number: count for number, count in zip(there.numbers, there.untold, strict=True) if count}
            claims.append(Claim(slot, untold, there.numbers[0]))
        return claims

    def learn(self, claim: Claim, totals: Mapping[int, int]) -> None:
        """Take over what all machines have counted, by the number of the bucket, now that a claim was told."""
        with self._records.locked(claim.slot.shelf):
            begin = self._current(claim.slot, self._clock())
            self._write(claim.slot, begin, self._read(begin).with_totals(totals))

    def _current(self, slot: Slot, now: float) -> int:
        """Give where a record begins that says what counts now."""
        memory = self._records.memory
        newest = buckets.number_at(now, slot.limit.seconds)
        begin = self._records.find(slot.shelf, slot.tag)
        if begin is None:
            begin = self._records.make(slot.shelf, slot.tag)
        elif buckets.newest_of(memory, begin) == newest:
            return begin
        self._write(slot, begin, buckets.read(memory, begin, newest))
        return begin

    def _read(self, begin: int) -> Buckets:
        memory = self._records.memory
        return buckets.read(memory, begin, buckets.newest_of(memory, begin))

    def _write(self, slot: Slot, begin: int, there: Buckets) -> None:
        buckets.write(self._records.memory, begin, there)
        self._records.keep_until(begin, int(buckets.ends_at(there.newest, slot.limit.seconds)) + 1)

    def _slots_of(self, who: str) -> tuple[Slot, ...]:
        if len(self._slots) >= _NAMES_KEPT:
            self._slots.clear()
        shelf = _digest(who)
        slots = tuple(Slot(shelf, _digest(f"{limit} {who}"), limit) for limit in self._limits)
        self._slots[who] = slots
        return slots


def _digest(text: str) -> int:
    """Make a number of a name that is never 0."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1
