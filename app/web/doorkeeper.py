"""
Who may come in: first the proof, then the rate limits.

A proven caller is counted by name, wherever it calls from. Addresses are counted where there is no proof: for what asks
for none, and for proofs that failed. An address that has failed too often is refused before its next proof is looked
at, whatever is set; callers whose proof is remembered come in from there all the same.
"""

import logging
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from ..domain.caller import Caller, Scope
from ..domain.errors import AuthenticationError, MissingScopeError, ParleyError
from ..domain.identity_errors import ForbiddenOriginError
from ..domain.patience import MustWaitError
from ..domain.rate_limit import Allowance
from ..service.guesses import Guesses
from ..service.identity.identity import Identity
from ..service.identity.renewals import Renewals
from ..service.rate_limits import RateLimits
from .authentication import PROOF_AT_MOST, Header, check_proof, has_no_proof, proof_in
from .client_address import NO_PROXIES, Proxies
from .operation import Operation

_log = logging.getLogger(__name__)

RATE_LIMIT_HEADERS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Admission(NamedTuple):
    """Somebody who was let in."""

    caller: Caller | None = None
    counted_as: str | None = None
    allowance: Allowance | None = None


def _no_session(_: str | None) -> str | None:
    return None


class Doorkeeper:
    """Lets callers in; safe to share between threads."""

    def __init__(
        self,
        identity: Identity,
        guesses: Guesses,
        rate_limits: RateLimits | None = None,
        proxies: Proxies = NO_PROXIES,
        session_in: Callable[[str | None], str | None] = _no_session,
    ) -> None:
        """
        Know who is who.

        Args:
            identity: knows callers.
            guesses: counts proofs that fail.
            rate_limits: None: a caller may ask as often as it likes.
            proxies: are believed when they say whom they speak for.
            session_in: finds the secret of a session in the header `Cookie`.
        """
        self._identity, self._guesses, self._rate_limits = identity, guesses, rate_limits
        self._proxies, self._session_in = proxies, session_in
        self._renewals = Renewals()

    def let_in(self, operation: Operation, header: Header, peer: str, *, may_wait: bool) -> Admission:
        """
        Find out who calls, and count the request.

        Args:
            operation: what is asked for.
            header: gives a header by its name, or None.
            peer: the address that the connection comes from.
            may_wait: whether a proof may be checked that is not remembered.

        Raises:
            AuthenticationError: there is no proof, or it is not right.
            SeveralProofsError: there is more than one.
            ForbiddenOriginError: it is a key for pages of other origins.
            MissingScopeError: it is a key for pages, which may predict and nothing else.
            RateLimitedError: a limit is reached, or too many proofs from there were wrong.
            StorageUnavailableError: a proof cannot be looked up now.
            MustWaitError: only where it may not wait, before anything was done.
        """
        limits = self._rate_limits
        if operation.scope is not None:
            if operation.open_as is not None and has_no_proof(header):
                return self._unproven(operation.open_as, header, peer)
            caller = self._recalled(header, peer) or self.prove(header, peer, may_wait=may_wait)
            if caller.origins is not None:
                _check_origin(caller, caller.origins, operation.scope, header("origin"))
            if limits is None:
                return Admission(caller)
            counted_as = f"caller {caller.name}"
            return Admission(caller, counted_as, limits.count(counted_as))
        return self._unproven(None, header, peer) if operation.is_limited else Admission()

    def _unproven(self, caller: Caller | None, header: Header, peer: str) -> Admission:
        """Let somebody in who need prove nothing: nobody knows who it is, so that the address counts."""
        if self._rate_limits is None:
            return Admission(caller)
        counted_as = f"address {self.address(header, peer)}"
        return Admission(caller, counted_as, self._rate_limits.count(counted_as))

    def take_back_unproven(self, header: Header, peer: str) -> None:
        """Forget a request without a proof that is asked once more as another one."""
        if self._rate_limits is not None:
            self._rate_limits.take_back(f"address {self.address(header, peer)}")

    def let_out(self, admission: Admission) -> None:
        """Forget somebody who will come again with the same request."""
        if self._rate_limits is not None and admission.counted_as is not None:
            self._rate_limits.take_back(admission.counted_as)

    def prove(self, header: Header, peer: str, *, may_wait: bool = True, by_session_alone: bool = False) -> Caller:
        """
        Find out who calls, whatever is asked for.

        Raises:
            What `let_in` raises, but for what is asked.
        """
        try:
            proof = proof_in(header, self._session_in, by_session_alone=by_session_alone)
        except AuthenticationError:
            self.begin_guess(header, peer)
            raise
        if proof is None:
            if self._rate_limits is not None:
                self._rate_limits.count(f"address {self.address(header, peer)}")
            raise AuthenticationError
        caller = self._identity.recall(proof, partial(self._renew_soon, proof, header, peer))
        if caller is not None:
            return caller
        if self._identity.was_accepted(proof):
            return self._look_again(proof, header, peer, may_wait=may_wait)
        return self._check(proof, header, peer, may_wait=may_wait)

    def _recalled(self, header: Header, peer: str) -> Caller | None:
        """Give whom `Authorization` belongs to, where that is remembered and no other proof stands beside it."""
        authorization = header("authorization")
        if authorization is None or header("x-api-key") is not None or header("x-csrf-token") is not None:
            return None
        if len(authorization) > PROOF_AT_MOST:
            return None
        return self._identity.recall(authorization, partial(self._renew_soon, authorization, header, peer))

    def address(self, header: Header, peer: str) -> str:
        """Name the address that a request comes from, as far as proxies of ours tell."""
        return self._proxies.client(header, peer)

    def begin_guess(self, header: Header, peer: str) -> str:
        """
        Count somebody who is about to prove who they are, before anything is looked at, and give the address.

        Raises:
            RateLimitedError: too many proofs from there were wrong, or a limit is reached.
        """
        address = self.address(header, peer)
        self._guesses.begin(address)
        if self._rate_limits is not None:
            try:
                self._rate_limits.count(f"address {address}")
            except BaseException:
                self._guesses.take_back(address)
                raise
        return address

    def end_guess(self, header: Header, peer: str) -> None:
        """Forget a guess that was right, or of which that is not known."""
        address = self.address(header, peer)
        self._guesses.take_back(address)
        if self._rate_limits is not None:
            self._rate_limits.take_back(f"address {address}")

    def _look_again(self, proof: str, header: Header, peer: str, *, may_wait: bool) -> Caller:
        """Check a proof that was right a while ago: it is no guess, whoever else guesses at that address."""
        if not may_wait:
            raise MustWaitError
        try:
            return self._accept(proof, self.address(header, peer))
        except AuthenticationError:
            self._identity.forget(proof)
            self.begin_guess(header, peer)
            raise

    def _check(self, proof: str, header: Header, peer: str, *, may_wait: bool) -> Caller:
        if not may_wait:
            address = self.address(header, peer)
            self._guesses.ask(address)
            if self._rate_limits is not None:
                self._rate_limits.ask(f"address {address}")
            raise MustWaitError
        address = self.begin_guess(header, peer)  # so that many at once are no way around it
        try:
            caller = self._accept(proof, address)
        except AuthenticationError:
            raise
        except BaseException:
            self.end_guess(header, peer)
            raise
        self.end_guess(header, peer)
        return caller

    def _renew_soon(self, proof: str, header: Header, peer: str) -> None:
        """Have a proof looked at again beside; its caller comes in meanwhile."""
        self._renewals.put(partial(self._renew, proof, self.address(header, peer)))

    def _renew(self, proof: str, address: str) -> None:
        try:
            self._accept(proof, address)
        except AuthenticationError:
            self._identity.forget(proof)
        except ParleyError:  # it cannot be told now: who asks when it is forgotten finds out
            _log.debug("a proof could not be looked at again", exc_info=True)

    def _accept(self, proof: str, address: str) -> Caller:
        as_of = self._identity.as_of()
        caller = check_proof(proof, self._identity, address)
        self._identity.remember(proof, caller, as_of)
        return caller


def _check_origin(caller: Caller, allowed: frozenset[str], scope: Scope, origin: str | None) -> None:
    """Let a key of browsers do what it is for, whatever it was given."""
    if origin not in allowed:
        raise ForbiddenOriginError(caller.name)
    if scope is not Scope.PREDICT:
        raise MissingScopeError(caller.name, scope)


def rate_limit_headers(allowance: Allowance | None) -> Sequence[tuple[str, str]]:
    """Tell a caller how much is left, as version 6 of the IETF's draft has it."""
    if allowance is None:
        return ()
    figures = (allowance.limit.most, allowance.remaining, math.ceil(allowance.reset_s))
    return tuple(zip(RATE_LIMIT_HEADERS, map(str, figures), strict=True))
