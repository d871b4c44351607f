"""
Whether a password is the one of a user.

An unknown user, a wrong password, an account that is locked and one that is disabled cost one argon2 computation each,
and the same reads and writes: neither the answer nor its time tells them apart. Passwords that were right a while ago
take turns of their own: a crowd of guessers does not keep those out who are known.
"""

import time
from collections.abc import Callable
from typing import Final

from ...domain.errors import AuthenticationError
from ...domain.identity import KeptUser, User
from .lockout import Lockout
from .passwords import Passwords, Turns
from .remembered import RightPasswords

_KNOWN_AT_ONCE: Final = 1
_KNOWN_WAITING: Final = 15
"""More than may guess: each waits only when it was silent for a minute."""


class PasswordCheck:
    """Checks passwords; safe to share between threads."""

    def __init__(self, passwords: Passwords, lockout: Lockout, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._passwords, self._lockout = passwords, lockout
        self._right = RightPasswords(clock=clock)
        self._turns: Turns[User] = Turns()
        self._turns_of_known: Turns[User] = Turns(_KNOWN_AT_ONCE, _KNOWN_WAITING)

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
        is_known = self._right.was_right(digest)
        turns = self._turns_of_known if is_known else self._turns
        user = turns.do(digest, lambda: self._checked(name, password, address, kept, is_known=is_known))
        self._right.remember(digest)
        return user

    def _checked(self, name: str, password: str, address: str, kept: KeptUser | None, *, is_known: bool) -> User:
        # what was right from there before is no guess: others who guess from there do not keep its owner out
        is_locked = self._lockout.is_locked(name, address) and not is_known
        is_right = self._passwords.is_right(kept.password if kept else None, password)
        if not is_right or is_locked or kept is None or kept.user.is_disabled:
            self._lockout.failed(name, address, is_user=kept is not None)
            raise AuthenticationError
        self._lockout.succeeded(name, address)
        return kept.user
