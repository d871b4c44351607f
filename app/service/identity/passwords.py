"""
Passwords as argon2 hashes, a bounded number of them looked at at once.

A check takes 50 ms and 64 MB by design. Two go on at a time in a process, a few more wait, and who comes then is
refused: a crowd of guessers takes no more of the machine than that. The same password given many times at once, as by a
client that has just begun, is looked at once for all.
"""

import secrets
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ...domain.load_errors import OverloadedError

_AT_ONCE: Final = 2
_WAITING: Final = 4

T = TypeVar("T")


class Passwords:
    """Hashes and checks; safe to share between threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = _hash_of_nothing(self._hasher)

    def hash(self, password: str) -> str:
        """Give what is kept in place of a password."""
        return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Say whether a password is the one of a hash; where there is none the work is the same."""
        try:
            is_right = self._hasher.verify(password_hash or self._nobodys, password.encode("utf-8", "surrogatepass"))
        except (Argon2Error, InvalidHashError):
            return False
        return is_right and password_hash is not None


class Turns(Generic[T]):
    """Lets few do something costly at once; safe to share between threads."""

    def __init__(self, at_once: int = _AT_ONCE, waiting: int = _WAITING) -> None:
        self._turns = threading.Semaphore(at_once)
        self._most = at_once + waiting
        self._lock = threading.Lock()
        self._under_way: dict[bytes, Future[T]] = {}

    def do(self, what: bytes, work: Callable[[], T]) -> T:
        """
        Do it when there is a turn, once for all who ask for the same meanwhile.

        Raises:
            OverloadedError: too many wait already; nothing was done.
        """
        with self._lock:
            done = self._under_way.get(what)
            is_mine = done is None
            if done is None:
                if len(self._under_way) >= self._most:
                    raise OverloadedError
                done = self._under_way[what] = Future()
        if is_mine:
            self._work(what, work, done)
        return done.result()

    def _work(self, what: bytes, work: Callable[[], T], done: "Future[T]") -> None:
        try:
            with self._turns:
                done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised in all who wait
            done.set_exception(error)
        finally:
            with self._lock:
                del self._under_way[what]


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """Give what has the form of a hash and is none of any password; looking at it is as much work."""
    salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
