"""
How often proofs from one address may fail.

No setting switches this off: whoever tries passwords gets so many tries in a minute, over all workers, and is then
refused before the next one is looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..domain.errors import AuthenticationError
from ..domain.oauth_errors import ClientProofError, RefusedGrantError
from ..domain.rate_limit import RateLimit
from ..domain.rate_limit_errors import RateLimitedError, TooManyGuessesError
from .rate_limits import RateLimits

GUESSES: Final = RateLimit(30, 60)
_NO_PROOF: Final = (AuthenticationError, ClientProofError, RefusedGrantError)


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
        with _told():
            self._limits.ask(_counted_as(address))

    def begin(self, address: str) -> None:
        """
        Count a proof that is about to be looked at; counted before, so that many at once are no way around it.

        Raises:
            TooManyGuessesError: too many have failed.
        """
        with _told():
            self._limits.count(_counted_as(address))

    def take_back(self, address: str) -> None:
        """Forget a proof that was right, or of which it is not known."""
        self._limits.take_back(_counted_as(address))

    @contextmanager
    def attempt(self, address: str) -> Iterator[None]:
        """
        Look at a proof within the block; it counts where it turns out to be none.

        Raises:
            TooManyGuessesError: too many have failed; the block is not entered.
        """
        self.begin(address)
        try:
            yield
        except _NO_PROOF:
            raise
        except BaseException:
            self.take_back(address)
            raise
        self.take_back(address)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except RateLimitedError as error:
        raise TooManyGuessesError(error.allowance, error.retry_after_s) from None


def _counted_as(address: str) -> str:
    return f"guesses {address}"
