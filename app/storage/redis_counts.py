"""Counts of requests in Redis: a hash for each caller and limit, from the number of a bucket of time to requests."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from ..domain.rate_limit import Claim
from .redis_connection import open_redis, told_redis_faults

_PATIENCE_S: Final = 2.0
_KEPT_LONGER_S: Final = 60  # the clocks of machines differ
_STALE_AT_MOST: Final = 20
_BESIDE: Final = 2  # replies to one claim, beside those to what is added


class RedisCounts:
    """What all machines have counted."""

    def __init__(self, url: str) -> None:
        """Take the address; nothing is connected before it is used."""
        self._redis, self._url = open_redis(url, _PATIENCE_S), url

    def check(self) -> None:
        """
        Ask whether it answers.

        Raises:
            StorageUnavailableError: Redis is away, slow, or refuses.
        """
        with told_redis_faults(self._url):
            self._redis.ping()

    def exchange(self, claims: Sequence[Claim]) -> list[Mapping[int, int]]:
        """
        Add what was claimed, in one round trip.

        Returns:
            For each claim what all machines have counted, by the number of the bucket; nothing where that is not known.

        Raises:
            StorageUnavailableError: as `check`; it may have counted all the same.
        """
        with told_redis_faults(self._url):
            return self._exchange(claims)

    def _exchange(self, claims: Sequence[Claim]) -> list[Mapping[int, int]]:
        pipeline = self._redis.pipeline(transaction=False)
        for claim in claims:
            key = _key(claim)
            for number, count in claim.untold.items():
                pipeline.hincrby(key, str(number), count)
            pipeline.expire(key, claim.slot.limit.seconds + _KEPT_LONGER_S)
            pipeline.hgetall(key)
        replies = iter(pipeline.execute(raise_on_error=False))
        last_ones = [[*islice(replies, len(claim.untold) + _BESIDE)][-1] for claim in claims]
        refusals = [reply for reply in last_ones if isinstance(reply, Exception)]
        if claims and len(refusals) == len(claims):
            raise refusals[0]
        totals = [_counts_in(reply) for reply in last_ones]
        self._tidy(claims, totals)
        return totals

    def _tidy(self, claims: Sequence[Claim], totals: Iterable[Mapping[int, int]]) -> None:
        """Take buckets that no longer count from hashes that have many."""
        pipeline = self._redis.pipeline(transaction=False)
        for claim, total in zip(claims, totals, strict=True):
            stale = [str(number) for number in total if number < claim.oldest]
            if len(stale) > _STALE_AT_MOST:
                pipeline.hdel(_key(claim), *stale)
        if len(pipeline):
            pipeline.execute()


def _key(claim: Claim) -> str:
    return f"parley:rate:{claim.slot.tag:016x}"


def _counts_in(reply: Any) -> Mapping[int, int]:  # noqa: ANN401 - whatever stands under our keys
    return {int(number): int(count) for number, count in reply.items()} if isinstance(reply, dict) else {}
