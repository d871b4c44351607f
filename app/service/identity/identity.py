"""
Who a caller is.

Passwords are kept as argon2 hashes. Checking one takes about 50 ms by design, so a proof that was accepted is
remembered for a short while under a keyed digest; neither the password nor a plain digest of it is held.
"""

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from ...domain.caller import Caller, Scope
from ...domain.errors import AuthenticationError, InvalidValueError
from ...domain.identity import ADMIN
from ...domain.patience import MustWaitError

_REMEMBERED_S: Final = 60.0
_REMEMBERED_AT_MOST: Final = 1_000


class Credentials(Protocol):
    """Where the administrator's password hash is kept."""

    def read(self) -> str | None:
        """Give the hash, or None."""
        ...

    def write(self, password_hash: str) -> None:
        """Keep a hash."""
        ...


class _Remembered(NamedTuple):
    caller: Caller
    until: float


class Identity:
    """Accepts or refuses proofs; safe to share between threads."""

    def __init__(self, password_hash: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hash = password_hash
        self._hasher = PasswordHasher()
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._accepted: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._remembering = threading.Lock()

    def authenticate(self, user: str, password: str, *, may_wait: bool = True) -> Caller:
        """
        Accept a user name and password.

        Raises:
            AuthenticationError: they are not right; which of the two is not told, and costs the same time.
            MustWaitError: they must not be checked now.
        """
        if not may_wait:
            raise MustWaitError
        right_password = self._verify(password)
        right_user = hmac.compare_digest(user.encode("utf-8", "surrogatepass"), ADMIN.encode())
        if not (right_user and right_password):
            raise AuthenticationError
        return Caller(ADMIN, frozenset({Scope.ADMIN}), user=ADMIN)

    def recall(self, proof: str) -> Caller | None:
        """Give whom a proof belongs to that was accepted a short while ago; None: it has to be checked."""
        remembered = self._accepted.get(self._digest(proof))
        return remembered.caller if remembered is not None and self._clock() < remembered.until else None

    def remember(self, proof: str, caller: Caller) -> None:
        """Accept a proof for a short while without checking it again."""
        with self._remembering:
            digest = self._digest(proof)
            self._accepted[digest] = _Remembered(caller, self._clock() + _REMEMBERED_S)
            self._accepted.move_to_end(digest)
            while len(self._accepted) > _REMEMBERED_AT_MOST:
                self._accepted.popitem(last=False)

    def _digest(self, proof: str) -> bytes:
        return blake2b(proof.encode("utf-8", "surrogatepass"), key=self._key).digest()

    def _verify(self, password: str) -> bool:
        try:
            return self._hasher.verify(self._hash, password)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False


def settle_admin_password(credentials: Credentials, given: str | None) -> tuple[str, str | None]:
    """
    Decide which administrator's password holds, and keep its hash.

    A password given at start wins; else the one kept; else a new one is made.

    Returns:
        The hash, and the new password where one was made: to be shown once, and kept nowhere.

    Raises:
        InvalidValueError: what was kept is no hash.
    """
    hasher = PasswordHasher()
    kept = credentials.read()
    if given is None and kept is not None:
        _check_hash(kept)
    if given is None and kept is not None:
        return kept, None
    if given is not None and kept is not None and _matches(hasher, kept, given):
        return kept, None
    password = given if given is not None else secrets.token_urlsafe(18)
    password_hash = hasher.hash(password)
    credentials.write(password_hash)
    return password_hash, None if given is not None else password


def _check_hash(kept: str) -> None:
    try:
        extract_parameters(kept)
    except InvalidHashError:
        problem = "what is kept is no password hash; remove the file for a new password, or give one"
        raise InvalidValueError("admin_password", problem) from None


def _matches(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
