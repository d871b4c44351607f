"""
Whether a password is the one of a user.

An unknown user, a wrong password, an account that is locked and one that is disabled cost one argon2 computation each,
and the same reads and writes: neither the answer nor its time tells them apart.
"""

import time
from collections.abc import Callable

from ...domain.errors import AuthenticationError
from ...domain.identity import KeptUser, User
from .lockout import Lockout
from .passwords import Passwords, Turns
from .remembered import RightPasswords


class PasswordCheck:
    """Checks passwords; safe to share between threads."""

    def __init__(self, passwords: Passwords, lockout: Lockout, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._passwords, self._lockout = passwords, lockout
        self._right = RightPasswords(clock=clock)
        self._turns: Turns[User] = Turns()

    def check(self, name: str, password: str, address: str, find: Callable[[], KeptUser | None]) -> User:
        """
        Give the user whose password it is; `address` is where it comes from.

        Raises:
            AuthenticationError: it is not right, or not believed from there now; which of them is not told.
            OverloadedError: too many are looked at already; this one was not.
            StorageUnavailableError: the database knows the user, and cannot be used.
        """
        kept = find()
        digest = self._right.digest(name, address, kept.password if kept else "", password)
        if kept is not None and not kept.user.is_disabled and self._right.holds(digest):
            return kept.user
        user = self._turns.do(digest, lambda: self._checked(name, password, address, kept))
        self._right.remember(digest)
        return user

    def _checked(self, name: str, password: str, address: str, kept: KeptUser | None) -> User:
        is_locked = self._lockout.is_locked(name, address)
        is_right = self._passwords.is_right(kept.password if kept else None, password)
        if not is_right or is_locked or kept is None or kept.user.is_disabled:
            self._lockout.failed(name, address, is_user=kept is not None)
            raise AuthenticationError
        self._lockout.succeeded(name, address)
        return kept.user
