"""
The rate limits of a server, and how often proofs may fail.

The client of Redis is imported where the store is opened, which is left to the thread that talks to it: a server starts
as fast as without, and answers without Redis.
"""

from typing import TYPE_CHECKING, NamedTuple

from ..domain.rate_limit import parse_rate_limits
from ..service.buckets import RECORD_BYTES
from ..service.caller_counts import CallerCounts
from ..service.count_exchange import CountExchange
from ..service.guesses import GUESSES, Guesses
from ..service.rate_limits import RateLimits
from ..settings import Settings
from ..storage.shared_records import SharedRecords

if TYPE_CHECKING:
    from ..storage.redis_counts import RedisCounts


class Limits(NamedTuple):
    """What is counted of those who ask."""

    guesses: Guesses
    rates: RateLimits | None
    """None: a caller may ask as often as it likes."""


def wire_limits(settings: Settings, counts_fd: int | None = None) -> Limits:
    """Put the limits together; the descriptor is of memory that all workers share."""
    records = SharedRecords(RECORD_BYTES, counts_fd)
    guesses = Guesses(RateLimits(CallerCounts(records, (GUESSES,))))
    if settings.rate_limit is None:
        return Limits(guesses, None)
    counts = CallerCounts(records, parse_rate_limits(settings.rate_limit))
    if (url := settings.redis_url) is None:
        return Limits(guesses, RateLimits(counts))
    return Limits(guesses, RateLimits(counts, CountExchange(counts, lambda: _open_redis(url))))


def _open_redis(url: str) -> "RedisCounts":
    from ..storage.redis_counts import RedisCounts  # noqa: PLC0415 - see above

    return RedisCounts(url)
