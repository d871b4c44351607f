"""
The proof in a request to a caller.

There are four: user and password (HTTP Basic), an access token or an API key (`Authorization: Bearer`), an API key in a
header of its own (`X-API-Key`), and the session of a browser together with what only pages of ours have seen
(`X-CSRF-Token`). All of them end in the same `Caller`.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Final, TypeAlias

from ..domain.caller import Caller
from ..domain.errors import AuthenticationError, MissingScopeError, ParleyError
from ..domain.identity_errors import SeveralProofsError
from ..service.identity.csrf import is_csrf_token
from ..service.identity.identity import Identity

Header: TypeAlias = Callable[[str], str | None]
"""Gives a header by its name in small letters, or None."""

PROOF_HEADERS: Final = ("authorization", "x-api-key", "x-csrf-token")
PROOF_AT_MOST: Final = 8_192
"""Characters; a proof that is longer is none, and nothing is computed of it."""

_BASIC_CHALLENGE: Final = 'Basic realm="Parley", charset="UTF-8"'
_BEARER_CHALLENGE: Final = 'Bearer realm="Parley"'
_KEY: Final = "prl_"
_BEARER: Final = "Bearer "
_SESSION: Final = "session\n"  # nothing in a header holds a line break


def proof_in(
    header: Header, session_in: Callable[[str | None], str | None], *, by_session_alone: bool = False
) -> str | None:
    """
    Find the proof in a request, as it is checked and remembered; None where there is none.

    Args:
        header: gives the headers.
        session_in: finds the secret of a session in the header `Cookie`.
        by_session_alone: whether a session is a proof without `X-CSRF-Token`, for nothing will be done.

    Raises:
        AuthenticationError: what is there can be no proof.
        SeveralProofsError: there is more than one.
    """
    authorization, key, token = header("authorization"), header("x-api-key"), header("x-csrf-token")
    if key is None and token is None:
        if authorization is not None and len(authorization) > PROOF_AT_MOST:
            raise AuthenticationError
        if authorization is None and by_session_alone and (session := session_in(_short(header("cookie")))):
            return _SESSION + session
        return authorization
    session = None if token is None else session_in(_short(header("cookie")))
    there = {"Authorization": authorization, "X-API-Key": key, "X-CSRF-Token": session}
    several = [name for name, proof in there.items() if proof is not None]
    if len(several) > 1:
        raise SeveralProofsError(*several)
    if key is not None:
        if len(key) > PROOF_AT_MOST or not key.startswith(_KEY):
            raise AuthenticationError
        return _BEARER + key
    if session is None or token is None:
        return _short(authorization)
    if len(token) > PROOF_AT_MOST or not is_csrf_token(session, token):
        raise AuthenticationError
    return _SESSION + session


def has_no_proof(header: Header) -> bool:
    """Say whether a request does not even try to prove who calls."""
    return all(header(name) is None for name in PROOF_HEADERS)


def check_proof(proof: str, identity: Identity, address: str) -> Caller:
    """
    Find out whom a proof belongs to that is not remembered.

    Args:
        proof: as `proof_in` gave it.
        identity: knows callers.
        address: where it comes from.

    Raises:
        AuthenticationError: it is not right.
        StorageUnavailableError: it cannot be looked up now.
    """
    if proof.startswith(_SESSION):
        return identity.check_session(proof.removeprefix(_SESSION))
    kind, _, content = proof.partition(" ")
    content = content.strip()
    match kind.lower():
        case "basic":
            return identity.check_password(*_user_and_password(content), address)
        case "bearer" if content:
            return identity.check_bearer(content)
    raise AuthenticationError


def challenges(error: ParleyError, header: Header, *, by_dialogue: bool = True) -> tuple[tuple[str, str], ...]:
    """
    Say how a refused request would have to prove who calls, or what its token lacks (RFC 6750).

    Args:
        error: why it was refused.
        header: gives its headers.
        by_dialogue: whether a browser may ask its user for a password (Basic). It may not where a page of ours asked,
            which has a form for that.
    """
    authorization = header("authorization") or ""
    is_bearer = authorization[: len(_BEARER)].lower() == _BEARER.lower()
    if isinstance(error, MissingScopeError):
        told = f'{_BEARER_CHALLENGE}, error="insufficient_scope", scope="{error.scope}"'
        return (("WWW-Authenticate", told),) if is_bearer else ()
    if not isinstance(error, AuthenticationError):
        return ()
    bearer = f'{_BEARER_CHALLENGE}, error="invalid_token"' if is_bearer else _BEARER_CHALLENGE
    if not by_dialogue or header("x-csrf-token") is not None:
        return (("WWW-Authenticate", bearer),)
    return (("WWW-Authenticate", _BASIC_CHALLENGE), ("WWW-Authenticate", bearer))


def _short(value: str | None) -> str | None:
    if value is not None and len(value) > PROOF_AT_MOST:
        raise AuthenticationError
    return value


def _user_and_password(content: str) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(content, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise AuthenticationError from None
    if not colon:
        raise AuthenticationError
    return user, password
