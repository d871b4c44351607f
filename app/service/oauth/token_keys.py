"""
The keys that Parley signs tokens with.

The newest one signs. One that was followed by another goes on being accepted until the last token that it signed has
expired. Whoever verifies tokens elsewhere gets the public halves.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any, Final, NamedTuple, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ...domain.errors import AuthenticationError
from ...domain.oauth_errors import UnusableTokenKeyError
from ..identity.made_secrets import make_secret
from .signed_tokens import VerifyingKey, read_signed, said_key

_TYPE: Final = "at+jwt"  # RFC 9068: nothing else that Parley may ever sign is taken for an access token
_MADE: Final = "%Y%m%dT%H%M%S"
_RSA_BITS: Final = 2_048
_TYPES: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {"RS256": RSAKey, "ES256": ECKey, "Ed25519": OKPKey}
_NEW: Final[Mapping[str, Callable[[], RSAKey | ECKey | OKPKey]]] = {
    "RS256": lambda: RSAKey.generate_key(_RSA_BITS, private=True),
    "ES256": lambda: ECKey.generate_key("P-256", private=True),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519", private=True),
}


class KeyFiles(Protocol):
    """Where the keys are."""

    def names(self) -> tuple[str, ...]: ...  # noqa: D102 - the oldest first
    def read(self, name: str) -> bytes: ...  # noqa: D102 - PEM
    def add(self, name: str, pem: bytes) -> None: ...  # noqa: D102
    def remove(self, name: str) -> None: ...  # noqa: D102
    def locked(self) -> AbstractContextManager[object]: ...  # noqa: D102 - keeps other processes from making one


class _Kept(NamedTuple):
    name: str
    made_at: datetime
    key: RSAKey | ECKey | OKPKey
    algorithm: str


class TokenKeys:
    """Signs and checks tokens; safe to share between threads."""

    def __init__(
        self,
        files: KeyFiles,
        *,
        issuer: str,
        algorithm: str,
        life_s: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Take the place of the keys; the first is made when it is needed.

        Args:
            files: where they are.
            issuer: what this server is called.
            algorithm: `RS256`, `ES256` or `Ed25519`.
            life_s: how long a token is good for.
            clock: tells the time.
        """
        self._files, self._issuer, self._algorithm = files, issuer, algorithm
        self._life, self._now = timedelta(seconds=life_s), clock
        self._read: tuple[tuple[str, ...], tuple[_Kept, ...]] = ((), ())

    def sign(self, stands_for: str, client: str, scope: str, life_s: int) -> str:
        """Make an access token of whom it stands for, the client that gets it, and what it is good for."""
        newest = self._newest()
        now = int(self._now().timestamp())
        header = {"alg": newest.algorithm, "kid": newest.name, "typ": _TYPE}
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": stands_for,
            "client_id": client,
            "scope": scope,
            "iat": now,
            "exp": now + life_s,
            "jti": make_secret(),
        }
        return jwt.encode(header, claims, newest.key, algorithms=[newest.algorithm])

    def check(self, token: str) -> None:
        """
        Look whether a token was signed here, for here, and is not expired.

        Raises:
            AuthenticationError: not so.
        """
        found = {kept.name: kept for kept in self._good()}.get(said_key(token))
        if found is None:
            raise AuthenticationError
        key = VerifyingKey(found.key, (found.algorithm,))
        read_signed(token, key, types=frozenset({_TYPE}), issuer=self._issuer, audience=self._issuer)

    def public(self) -> list[dict[str, Any]]:
        """Give the public halves, the newest first."""
        return [
            {**kept.key.as_dict(private=False), "kid": kept.name, "use": "sig", "alg": kept.algorithm}
            for kept in reversed(self._good())
        ]

    def rotate(self) -> str:
        """Make another key, which signs from now on, remove those that nothing needs any more, and give its name."""
        with self._files.locked():
            good = {kept.name for kept in self._good()}
            name = self._make()
            for old in self._files.names():
                if old not in good and old != name:
                    self._files.remove(old)
        return name

    def _newest(self) -> _Kept:
        found = self._all()
        if found and found[-1].algorithm == self._algorithm:
            return found[-1]
        with self._files.locked():
            found = self._all()
            if not found or found[-1].algorithm != self._algorithm:
                self._make()
        return self._all()[-1]

    def _make(self) -> str:
        name = f"{self._now():{_MADE}}-{token_hex(4)}-{self._algorithm}"
        self._files.add(name, _NEW[self._algorithm]().as_pem(private=True))
        return name

    def _good(self) -> list[_Kept]:
        """Give the keys that a token may be signed with, the oldest first."""
        found = self._all()
        followed = [after.made_at for after in found[1:]] + [datetime.max.replace(tzinfo=UTC) - self._life]
        return [kept for kept, at in zip(found, followed, strict=True) if self._now() <= at + self._life]

    def _all(self) -> tuple[_Kept, ...]:
        names = self._files.names()
        if names != self._read[0]:
            self._read = (names, tuple(_kept(name, self._files.read(name)) for name in names))
        return self._read[1]


def _kept(name: str, pem: bytes) -> _Kept:
    made, _, rest = name.partition("-")
    algorithm = rest.partition("-")[2]
    try:
        made_at = datetime.strptime(made, _MADE).replace(tzinfo=UTC)
        return _Kept(name, made_at, _TYPES[algorithm].import_key(pem), algorithm)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise UnusableTokenKeyError(name, f"it is no private key of this name in PEM: {type(error).__name__}") from None
