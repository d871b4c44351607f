"""How often somebody may ask."""

import math

from ..domain.rate_limit import Allowance
from ..domain.rate_limit_errors import RateLimitedError
from .caller_counts import CallerCounts
from .count_exchange import CountExchange


class RateLimits:
    """Counts requests by caller and refuses those over a limit; safe to share between threads, and never waits."""

    def __init__(self, counts: CallerCounts, exchange: CountExchange | None = None) -> None:
        """Count alone, or with others where there is an exchange."""
        self._counts, self._exchange = counts, exchange

    def count(self, who: str) -> Allowance:
        """
        Count a request, and say what is left.

        Raises:
            RateLimitedError: a limit is reached; the request is not counted.
        """
        allowance = self._counts.count(who)
        if self._exchange is not None:
            self._exchange.note(who)
        if allowance is None:
            raise self._refusal(who)
        return allowance

    def ask(self, who: str) -> None:
        """
        Count nothing, and insist that a request would be counted.

        Raises:
            RateLimitedError: a limit is reached.
        """
        allowance = self._counts.count(who, only_ask=True)
        if self._exchange is not None:
            self._exchange.note(who)
        if allowance is None:
            raise self._refusal(who)

    def take_back(self, who: str) -> None:
        """Forget a request that was counted and is about to be asked again."""
        self._counts.take_back(who)

    def _refusal(self, who: str) -> RateLimitedError:
        allowance, wait_s = self._counts.refusal(who)
        return RateLimitedError(allowance, max(1, math.ceil(wait_s)))
