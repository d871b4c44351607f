"""
Tokens that are signed (JWT), and the keys that they are checked with.

Nothing in a token says how it is to be checked: its `kid` is looked up among keys that are known, and the key says by
which algorithm. A header that demands anything else (`crit`) is refused.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from ...domain.errors import AuthenticationError

_CHARS_AT_MOST: Final = 8_192
_HEADER_AT_MOST: Final = 2_048
_LEEWAY_S: Final = 10  # clocks differ


class VerifyingKey(NamedTuple):
    """A key, and by which algorithms alone it is used."""

    key: Key
    algorithms: tuple[str, ...]


class _Header(msgspec.Struct, frozen=True):
    kid: str
    typ: str | None = None
    crit: Any = None


class _Claims(msgspec.Struct, frozen=True):
    iss: str


class _Registry(JWSRegistry):
    max_header_length = _HEADER_AT_MOST


def said_issuer(token: str) -> str | None:
    """Give who a token says that it comes from; nothing of it was checked."""
    try:
        return msgspec.json.decode(_part(token, 1), type=_Claims).iss
    except (AuthenticationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def said_key(token: str) -> str:
    """
    Give the name of the key that a token says that it is signed with.

    Raises:
        AuthenticationError: it says none, or demands what nobody understands.
    """
    try:
        header = msgspec.json.decode(_part(token, 0), type=_Header)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise AuthenticationError from None
    if header.crit is not None:
        raise AuthenticationError
    return header.kid


def read_signed(token: str, key: VerifyingKey, *, types: frozenset[str], issuer: str, audience: str) -> dict[str, Any]:
    """
    Give the claims of a token.

    Args:
        token: as it was sent.
        key: that it has to be signed with.
        types: what it may say that it is, in small letters; empty: nothing.
        issuer: whom it has to come from.
        audience: whom it has to be for.

    Raises:
        AuthenticationError: it is not right, whatever it is that is wrong.
    """
    registry = _Registry(algorithms=key.algorithms, strict_check_header=False)
    claims = JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        found = jwt.decode(token, key.key, algorithms=key.algorithms, registry=registry)
        claims.validate(found.claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise AuthenticationError from None
    kind = found.header.get("typ", "")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        raise AuthenticationError
    return found.claims


def read_key_set(keys: Sequence[Any], algorithms: Mapping[str, tuple[str, ...]]) -> dict[str, VerifyingKey]:
    """
    Read what another server says its keys are; those that sign nothing we take are left out.

    Args:
        keys: of a JSON Web Key Set.
        algorithms: that are accepted, by type of key (`RSA`, `EC P-256`).
    """
    found: dict[str, VerifyingKey] = {}
    for written in keys:
        if not isinstance(written, dict) or not isinstance(written.get("kid"), str):
            continue
        accepted = algorithms.get(" ".join(str(written[part]) for part in ("kty", "crv") if part in written), ())
        if "alg" in written:
            accepted = tuple(name for name in accepted if name == written["alg"])
        if not accepted or written.get("use", "sig") != "sig":
            continue
        try:
            found[written["kid"]] = VerifyingKey(import_key(written), accepted)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _part(token: str, number: int) -> bytes:
    if len(token) > _CHARS_AT_MOST or not token.isascii():
        raise AuthenticationError
    written = token.split(".")[number]
    try:
        return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except (binascii.Error, ValueError):
        raise AuthenticationError from None
