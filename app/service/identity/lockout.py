"""
Who is not believed for a while, after passwords that were wrong.

An account is locked for the address that guesses, after 5 wrong ones: for a second, then twice as long each time, up to
15 minutes. After 50 from everywhere it is locked for all addresses in the same way, but for those from which it was
signed in successfully within 30 days: so nobody can lock another out for good. Nothing that is tried meanwhile makes it
longer. Names that no user has are treated alike. Without its database, a process counts alone.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, TypeVar

from ...domain.audit import AuditEntry, Deed, new_entry
from ...domain.identity import Attempts
from ...domain.identity_rules import is_user_name
from ...domain.storage_errors import StorageError
from .failures_in_memory import FailuresInMemory
from .stores import FailureStore, OpenStores

EVERYWHERE: Final = "*"
"""Stands for all addresses together."""
FREE_HERE: Final = 5
FREE_EVERYWHERE: Final = 50
_LONGEST_S: Final = 900
_HERE_COUNTS_FOR: Final = timedelta(days=1)
_EVERYWHERE_COUNTS_FOR: Final = timedelta(hours=1)
_KNOWN_FOR: Final = timedelta(days=30)
_SWEEP_EVERY_S: Final = 3600.0
_DATABASE_AGAIN_S: Final = 30.0
_DOUBLINGS: Final = 10

T = TypeVar("T")


class Lockout:
    """Counts failures, and says who is locked; safe to share between threads."""

    def __init__(
        self,
        stores: OpenStores,
        *,
        now: Callable[[], datetime] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stores = stores
        self._now = now or (lambda: datetime.now(UTC))
        self._clock = clock
        self._memory = FailuresInMemory()
        self._lock = threading.Lock()
        self._database_from = self._sweep_from = clock()

    def is_locked(self, name: str, address: str) -> bool:
        """Say whether a password that is given for a name from an address is not to be believed."""
        account = _account(name)
        known = self._asked(lambda failures: failures.find(account, (address, EVERYWHERE)))
        return _is_locked(known, address, self._now())

    def failed(self, name: str, address: str, *, is_user: bool) -> None:
        """Count a password that was wrong."""
        now, account = self._now(), _account(name)
        was_locked = False

        def count(known: Mapping[str, Attempts]) -> Mapping[str, Attempts]:
            nonlocal was_locked
            was_locked = _is_locked(known, address, now)
            if was_locked:  # written all the same: it costs as much as one that counts
                return {one: replace(attempts, last_at=now) for one, attempts in known.items()}
            return {
                address: _counted(known[address], FREE_HERE, _HERE_COUNTS_FOR, now),
                EVERYWHERE: _counted(known[EVERYWHERE], FREE_EVERYWHERE, _EVERYWHERE_COUNTS_FOR, now),
            }

        def entry_of(changed: Mapping[str, Attempts]) -> AuditEntry | None:
            is_here = changed[address].failures == FREE_HERE
            is_everywhere = changed[EVERYWHERE].failures == FREE_EVERYWHERE
            if was_locked or not is_user or not (is_here or is_everywhere):
                return None
            where = "everywhere" if is_everywhere else address
            return new_entry("nobody", Deed.LOCK_OUT, details={"user": name, "address": where})

        self._asked(lambda failures: failures.change(account, (address, EVERYWHERE), count, entry_of, now))
        self._sweep(now)

    def succeeded(self, name: str, address: str) -> None:
        """Remember where somebody has signed in, and forget what failed there."""
        now, account = self._now(), _account(name)

        def settle(_: Mapping[str, Attempts]) -> Mapping[str, Attempts]:
            return {address: Attempts(0, now, None, now)}

        known = self._asked(lambda failures: failures.find(account, (address,))).get(address)
        is_fresh = known is not None and known.succeeded_at is not None and now - known.succeeded_at < timedelta(days=1)
        if known is None or known.failures or not is_fresh:
            self._asked(lambda failures: failures.change(account, (address,), settle, lambda _: None, now))

    def forget(self, name: str) -> None:
        """Let an account in again at once."""
        account = _account(name)
        self._memory.forget(account)
        self._stores().failures.forget(account)

    def _asked(self, ask: Callable[[FailureStore], T]) -> T:
        """Ask the database, or memory for a while after it could not be used: whoever signs in does not wait for it."""
        if self._clock() >= self._database_from:
            try:
                return ask(self._stores().failures)
            except StorageError:
                self._database_from = self._clock() + _DATABASE_AGAIN_S
        return ask(self._memory)

    def _sweep(self, now: datetime) -> None:
        with self._lock:
            if self._clock() < self._sweep_from:
                return
            self._sweep_from = self._clock() + _SWEEP_EVERY_S
        self._asked(lambda failures: failures.sweep(now - _HERE_COUNTS_FOR, now - _KNOWN_FOR))


def _account(name: str) -> bytes:
    """Give what stands for a name; all that no user can have are one: people type passwords there by mistake."""
    return sha256(name.encode()).digest() if is_user_name(name) else b"no name"


def _is_locked(known: Mapping[str, Attempts], address: str, now: datetime) -> bool:
    here, everywhere = known.get(address), known.get(EVERYWHERE)
    if here is not None and here.locked_until is not None and now < here.locked_until:
        return True
    if everywhere is None or everywhere.locked_until is None or now >= everywhere.locked_until:
        return False
    return here is None or here.succeeded_at is None or now - here.succeeded_at >= _KNOWN_FOR


def _counted(attempts: Attempts, free: int, counts_for: timedelta, now: datetime) -> Attempts:
    failures = 1 if now - attempts.last_at >= counts_for else attempts.failures + 1
    locked_until = attempts.locked_until
    if failures >= free:
        seconds = min(2 ** min(failures - free, _DOUBLINGS), _LONGEST_S)
        locked_until = now + timedelta(seconds=seconds)
    return replace(attempts, failures=failures, last_at=now, locked_until=locked_until)
