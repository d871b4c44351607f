"""Failed proofs of a process, for as long as its database is away."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from ...domain.audit import AuditEntry
from ...domain.identity import Attempts

_AT_MOST: Final = 10_000


class FailuresInMemory:
    """What a store of failures does, forgetting the oldest; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: OrderedDict[tuple[bytes, str], Attempts] = OrderedDict()

    def find(self, account: bytes, addresses: Sequence[str]) -> Mapping[str, Attempts]:
        """Give what is known, by address."""
        with self._lock:
            known = {address: self._attempts.get((account, address)) for address in addresses}
        return {address: attempts for address, attempts in known.items() if attempts is not None}

    def change(
        self,
        account: bytes,
        addresses: Sequence[str],
        change: Callable[[Mapping[str, Attempts]], Mapping[str, Attempts]],
        entry_of: Callable[[Mapping[str, Attempts]], AuditEntry | None],  # noqa: ARG002 - there is no audit log here
        now: datetime,
    ) -> None:
        """Keep what `change` makes of what is known."""
        with self._lock:
            known = {address: self._attempts.get((account, address), Attempts(0, now)) for address in addresses}
            for address, attempts in change(known).items():
                self._attempts[account, address] = attempts
                self._attempts.move_to_end((account, address))
            while len(self._attempts) > _AT_MOST:
                self._attempts.popitem(last=False)

    def forget(self, account: bytes) -> None:
        """Forget the failures of an account."""
        with self._lock:
            for known in [key for key in self._attempts if key[0] == account]:
                del self._attempts[known]

    def sweep(self, failed_before: datetime, succeeded_before: datetime) -> None:
        """Leave it as it is: there is a bound."""
