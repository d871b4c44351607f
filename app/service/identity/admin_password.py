"""The password of the user that is always there: settled at the start, kept in a file, so that it needs no database."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from ...domain.caller import Scope
from ...domain.errors import InvalidValueError
from ...domain.identity import ADMIN, User
from ...domain.identity_errors import PasswordGivenError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Credentials(Protocol):
    """Where the hash is kept."""

    def read(self) -> str | None:
        """Give the hash, or None."""
        ...

    def write(self, password_hash: str) -> None:
        """Keep a hash."""
        ...

    def changed_at(self) -> datetime | None:
        """Say when the hash was kept, or None."""
        ...


class AdminPassword:
    """What the administrator's password is compared to; safe to share between threads."""

    def __init__(self, credentials: Credentials, settled: str | None = None, *, is_given: bool = False) -> None:
        """Where nothing can be read, `settled` holds; `is_given`: by settings, so that nothing changes it."""
        self._credentials, self._settled, self._is_given = credentials, settled, is_given

    def hash(self) -> str | None:
        """Read the hash as it is now; None: there is none yet."""
        try:
            return self._credentials.read() or self._settled
        except OSError:
            return self._settled

    def user(self) -> User:
        """Give the administrator."""
        try:
            changed_at = self._credentials.changed_at() or _EPOCH
        except OSError:
            changed_at = _EPOCH
        return User(ADMIN, frozenset({Scope.ADMIN}), None, _EPOCH, changed_at)

    def check_changeable(self) -> None:
        """
        Insist that the password may be changed here.

        Raises:
            PasswordGivenError: the settings give it.
        """
        if self._is_given:
            raise PasswordGivenError

    def writing(self, password_hash: str) -> Callable[[], None]:
        """Give what keeps another hash."""
        return lambda: self._credentials.write(password_hash)


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
