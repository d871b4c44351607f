"""
The rate limits of a server.

The client of Redis is imported where the store is opened, which is left to the thread that talks to it: a server starts
as fast as without, and answers without Redis.
"""

from typing import TYPE_CHECKING

from ..domain.rate_limit import parse_rate_limits
from ..service.buckets import RECORD_BYTES
from ..service.caller_counts import CallerCounts
from ..service.count_exchange import CountExchange
from ..service.rate_limits import RateLimits
from ..settings import Settings
from ..storage.shared_records import SharedRecords

if TYPE_CHECKING:
    from ..storage.redis_counts import RedisCounts


def wire_rate_limits(settings: Settings, counts_fd: int | None = None) -> RateLimits | None:
    """Put the limits together where any are set; the descriptor is of memory that all workers share."""
    if settings.rate_limit is None:
        return None
    counts = CallerCounts(SharedRecords(RECORD_BYTES, counts_fd), parse_rate_limits(settings.rate_limit))
    if (url := settings.redis_url) is None:
        return RateLimits(counts)
    return RateLimits(counts, CountExchange(counts, lambda: _open_redis(url)))


def _open_redis(url: str) -> "RedisCounts":
    from ..storage.redis_counts import RedisCounts  # noqa: PLC0415 - see above

    return RedisCounts(url)
