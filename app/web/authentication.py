"""
The proof in a request to a caller.

HTTP Basic is the one kind of proof so far; others end here in the same `Caller`.
"""

import base64
import binascii

from ..domain.caller import Caller
from ..domain.errors import AuthenticationError
from ..domain.patience import MustWaitError
from ..service.identity.identity import Identity

CHALLENGE = 'Basic realm="Parley", charset="UTF-8"'


def authenticate(authorization: str | None, identity: Identity, address: str = "", *, may_wait: bool = True) -> Caller:
    """
    Find out who calls from the `Authorization` header.

    Raises:
        AuthenticationError: there is no proof, or it is not right.
        MustWaitError: the password has to be checked first, and there is no time for that.
    """
    if authorization is None:
        raise AuthenticationError
    caller = identity.recall(authorization)
    if caller is None:
        user, password = _read(authorization)
        if not may_wait:
            raise MustWaitError
        as_of = identity.as_of()
        caller = identity.check_password(user, password, address)
        identity.remember(authorization, caller, as_of)
    return caller


def _read(authorization: str) -> tuple[str, str]:
    kind, _, proof = authorization.partition(" ")
    if kind.lower() != "basic":
        raise AuthenticationError
    try:
        user, colon, password = base64.b64decode(proof.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise AuthenticationError from None
    if not colon:
        raise AuthenticationError
    return user, password
