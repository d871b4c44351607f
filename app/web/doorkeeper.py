"""
Who may come in: first the proof, then the rate limits.

A proven caller is counted by name, wherever it calls from. Addresses are counted where there is no proof: for what asks
for none, and for proofs that failed. An address that has failed too often is refused before its next password is looked
at; callers whose proof is remembered come in from there all the same.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from ..domain.caller import Caller
from ..domain.errors import AuthenticationError
from ..domain.patience import MustWaitError
from ..domain.rate_limit import Allowance
from ..service.identity.identity import Identity
from ..service.rate_limits import RateLimits
from .authentication import authenticate
from .client_address import FORWARDED_FOR, Network, client_address
from .operation import Operation

RATE_LIMIT_HEADERS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Admission(NamedTuple):
    """Somebody who was let in."""

    caller: Caller | None = None
    counted_as: str | None = None
    allowance: Allowance | None = None


class Doorkeeper:
    """Lets callers in; safe to share between threads."""

    def __init__(
        self, identity: Identity, rate_limits: RateLimits | None = None, proxies: tuple[Network, ...] = ()
    ) -> None:
        """`proxies` are believed when they say whom they speak for."""
        self._identity, self._rate_limits, self._proxies = identity, rate_limits, proxies

    def let_in(
        self, operation: Operation, header: Callable[[str], str | None], peer: str, *, may_wait: bool
    ) -> Admission:
        """
        Find out who calls, and count the request.

        Args:
            operation: what is asked for.
            header: gives a header by its name, or None.
            peer: the address that the connection comes from.
            may_wait: whether a password may be checked.

        Raises:
            AuthenticationError: there is no proof, or it is not right.
            RateLimitedError: a limit is reached.
            MustWaitError: only where it may not wait, before anything was done.
        """
        limits = self._rate_limits
        if limits is None:
            if operation.scope is None:
                return Admission()
            authorization, address = header("authorization"), self._address(header, peer)
            return Admission(authenticate(authorization, self._identity, address, may_wait=may_wait))
        if operation.scope is not None:
            caller = self._proven(limits, header, peer, may_wait=may_wait)
            counted_as = f"caller {caller.name}"
            return Admission(caller, counted_as, limits.count(counted_as))
        if not operation.is_limited:
            return Admission()
        counted_as = self._address(header, peer)
        return Admission(None, counted_as, limits.count(counted_as))

    def let_out(self, admission: Admission) -> None:
        """Forget somebody who will come again with the same request."""
        if self._rate_limits is not None and admission.counted_as is not None:
            self._rate_limits.take_back(admission.counted_as)

    def _proven(self, limits: RateLimits, header: Callable[[str], str | None], peer: str, *, may_wait: bool) -> Caller:
        authorization = header("authorization")
        try:
            return authenticate(authorization, self._identity, may_wait=False)
        except AuthenticationError:
            limits.count(self._address(header, peer))
            raise
        except MustWaitError:
            address = self._address(header, peer)
            if not may_wait:
                limits.ask(address)
                raise
        limits.count(address)  # before the password is looked at, so that many at once are no way around it
        caller = authenticate(authorization, self._identity, address)
        limits.take_back(address)
        return caller

    def _address(self, header: Callable[[str], str | None], peer: str) -> str:
        forwarded_for = header(FORWARDED_FOR) if self._proxies else None
        return f"address {client_address(peer, forwarded_for, self._proxies)}"


def rate_limit_headers(allowance: Allowance | None) -> Sequence[tuple[str, str]]:
    """Tell a caller how much is left, as version 6 of the IETF's draft has it."""
    if allowance is None:
        return ()
    figures = (allowance.limit.most, allowance.remaining, math.ceil(allowance.reset_s))
    return tuple(zip(RATE_LIMIT_HEADERS, map(str, figures), strict=True))
