"""
How often proofs from one address may fail.

No setting switches this off: whoever tries passwords gets so many tries in a minute, over all workers, and is then
refused before the next one is looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..domain.errors import AuthenticationError
from ..domain.rate_limit import RateLimit
from ..domain.rate_limit_errors import RateLimitedError, TooManyGuessesError
from .rate_limits import RateLimits

GUESSES: Final = RateLimit(30, 60)


class Guesses:
    """Counts proofs that failed, by address; safe to share between threads, and never waits."""

    def __init__(self, limits: RateLimits) -> None:
        """`limits` are those of `GUESSES`."""
        self._limits = limits

    def ask(self, address: str) -> None:
        """
        Insist that another proof from an address would be looked at.

        Raises:
            TooManyGuessesError: it would not.
        """
        try:
            self._limits.ask(_counted_as(address))
        except RateLimitedError as error:
            raise TooManyGuessesError(error.allowance, error.retry_after_s) from None

    @contextmanager
    def attempt(self, address: str) -> Iterator[None]:
        """
        Look at a proof within the block; it counts unless it is right.

        It is counted before it is looked at, so that many at once are no way around it.

        Raises:
            TooManyGuessesError: too many have failed; the block is not entered.
        """
        who = _counted_as(address)
        try:
            self._limits.count(who)
        except RateLimitedError as error:
            raise TooManyGuessesError(error.allowance, error.retry_after_s) from None
        try:
            yield
        except AuthenticationError:
            raise
        except BaseException:
            self._limits.take_back(who)  # whether it was right is not known
            raise
        self._limits.take_back(who)


def _counted_as(address: str) -> str:
    return f"guesses {address}"
