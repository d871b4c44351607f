"""
Access tokens of another server: an OpenID provider that the operator trusts.

Its keys are fetched by a thread of their own, and kept. A request waits for them only where it comes with a key that
is not known, only a moment, and only few at once; the others are refused meanwhile. So a provider that is away holds
nobody up, and who makes keys up cannot have them asked for again and again.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec

from ...domain.caller import Caller, CallerKind, Scope
from ...domain.errors import AuthenticationError, ParleyError
from .signed_tokens import VerifyingKey, read_key_set, read_signed, said_issuer, said_key

_log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]
"""Gives what stands at an address; raises an OutgoingError where nothing does."""

# By the kind of the key, so that none can be used otherwise; nothing with a shared secret.
_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC P-256": ("ES256",),
    "EC P-384": ("ES384",),
    "EC P-521": ("ES512",),
    "OKP Ed25519": ("Ed25519", "EdDSA"),
}
_TYPES: Final = frozenset({"at+jwt", "jwt", ""})  # few providers say `at+jwt`
_DISCOVERY: Final = "/.well-known/openid-configuration"
_PREFIX: Final = "parley:"
_PLAIN_NAME: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_FRESH_S: Final = 600.0
_KEPT_S: Final = 86_400.0
_AGAIN_AFTER_S: Final = 10.0
_WAITS_S: Final = 4.0
_WAIT_AT_ONCE: Final = 2


class _Discovered(msgspec.Struct, frozen=True):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[Any]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the operator trusts, and how far."""

    issuer: str
    audience: str
    scopes_claim: str = "scope"


class OutsideIssuer:
    """Accepts tokens of a provider; safe to share between threads."""

    def __init__(
        self,
        trust: Trust,
        fetch: Fetch,
        *,
        clock: Callable[[], float] = time.monotonic,
        again_after_s: float = _AGAIN_AFTER_S,
        waits_s: float = _WAITS_S,
    ) -> None:
        """
        Take whom to trust; nothing is fetched yet.

        Args:
            trust: the provider.
            fetch: asks it.
            clock: tells the time in seconds.
            again_after_s: how long it is left alone.
            waits_s: how long a request waits for a key that is not known.
        """
        self._trust, self._fetch, self._clock = trust, fetch, clock
        self._again_after_s, self._waits_s = again_after_s, waits_s
        self._keys: Mapping[str, VerifyingKey] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._asking: threading.Event | None = None
        self._lock = threading.Lock()
        self._seats = threading.Semaphore(_WAIT_AT_ONCE)

    def has_made(self, token: str) -> bool:
        """Say whether a token says that it comes from there."""
        return said_issuer(token) == self._trust.issuer

    def check(self, token: str) -> Caller:
        """
        Say whom a token calls as.

        Raises:
            AuthenticationError: it is not right, it gives no scope of ours, or the key that it names is not known.
        """
        key = self._key(said_key(token))
        trust = self._trust
        claims = read_signed(token, key, types=_TYPES, issuer=trust.issuer, audience=trust.audience)
        scopes = _scopes(claims.get(trust.scopes_claim))
        subject = claims["sub"]
        if not scopes or not isinstance(subject, str):
            raise AuthenticationError
        if not _PLAIN_NAME.fullmatch(subject):
            subject = sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
        return Caller(f"oidc:{subject}", scopes, None, CallerKind.USER)

    def _key(self, name: str) -> VerifyingKey:
        if name not in self._known():
            self._wait_a_moment(self._begin_to_ask())
        elif self._clock() - self._fetched_at > _FRESH_S:
            self._begin_to_ask()
        known = self._known()
        if name not in known:
            raise AuthenticationError
        return known[name]

    def _known(self) -> Mapping[str, VerifyingKey]:
        return self._keys if self._clock() - self._fetched_at < _KEPT_S else {}

    def _wait_a_moment(self, asking: threading.Event | None) -> None:
        if asking is not None and self._seats.acquire(blocking=False):
            try:
                asking.wait(self._waits_s)
            finally:
                self._seats.release()

    def _begin_to_ask(self) -> threading.Event | None:
        """Have the keys fetched, unless that was so a moment ago; what it gives is set when that has ended."""
        with self._lock:
            if self._asking is not None:
                return self._asking
            if self._clock() - self._asked_at < self._again_after_s:
                return None
            self._asked_at = self._clock()
            asking = self._asking = threading.Event()
        threading.Thread(target=self._ask, args=(asking,), name="oidc", daemon=True).start()
        return asking

    def _ask(self, asking: threading.Event) -> None:
        try:
            self._keys = self._fetched()
            self._fetched_at = self._clock()
        except (ParleyError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            _log.warning("the keys of the OpenID provider could not be fetched: %s", error)
        except Exception:  # noqa: BLE001 - whatever it sent, the keys that are known stay
            _log.exception("the keys of the OpenID provider could not be read")
        finally:
            with self._lock:
                self._asking = None
            asking.set()

    def _fetched(self) -> Mapping[str, VerifyingKey]:
        issuer = self._trust.issuer
        discovered = msgspec.json.decode(self._fetch(issuer.removesuffix("/") + _DISCOVERY), type=_Discovered)
        if discovered.issuer != issuer:
            raise AuthenticationError
        key_set = msgspec.json.decode(self._fetch(discovered.jwks_uri), type=_KeySet)
        return read_key_set(key_set.keys, _ALGORITHMS)


def _scopes(claim: object) -> frozenset[Scope]:
    """
    Read what a provider says that somebody may do: a text with blanks between, or a list.

    `profile` means something else to OpenID Connect than to system P, and is not read as `predict`.
    """
    names = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    ours = [name.removeprefix(_PREFIX) for name in names if isinstance(name, str)]
    return frozenset(scope for scope in Scope if scope.value in ours)
