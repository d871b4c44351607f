"""Failed proofs in the database, by account and address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ..domain.audit import AuditEntry
from ..domain.identity import Attempts
from .audit_store import keep
from .identity_rows import attempts_of
from .identity_tables import FAILED_PROOFS as _TABLE
from .transactions import Transactions


class FailureStore:
    """
    What is remembered of attempts to prove something by a password; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        is_postgresql = transactions.engine.dialect.name == "postgresql"
        self._insert = postgresql.insert if is_postgresql else sqlite.insert

    def find(self, account: bytes, addresses: Sequence[str]) -> Mapping[str, Attempts]:
        """Give what is known, by address."""
        query = select(_TABLE).where(_TABLE.c.account == account, _TABLE.c.address.in_(addresses))
        with self._transactions.reading() as connection:
            return {row.address: attempts_of(row) for row in connection.execute(query)}

    def change(
        self,
        account: bytes,
        addresses: Sequence[str],
        change: Callable[[Mapping[str, Attempts]], Mapping[str, Attempts]],
        entry_of: Callable[[Mapping[str, Attempts]], AuditEntry | None],
        now: datetime,
    ) -> None:
        """Keep what `change` makes of what is known, one at a time, and an entry of the audit log if there is one."""
        nothing = [{"account": account, "address": one, "failures": 0, "last_at": now} for one in sorted(addresses)]
        mine = and_(_TABLE.c.account == account, _TABLE.c.address.in_(addresses))
        with self._transactions.writing() as connection:
            connection.execute(self._insert(_TABLE).on_conflict_do_nothing(), nothing)
            query = select(_TABLE).where(mine).order_by(_TABLE.c.address).with_for_update()
            changed = change({row.address: attempts_of(row) for row in connection.execute(query)})
            for address, attempts in changed.items():
                row = and_(_TABLE.c.account == account, _TABLE.c.address == address)
                connection.execute(update(_TABLE).where(row).values(asdict(attempts)))
            if (entry := entry_of(changed)) is not None:
                keep(connection, entry)

    def forget(self, account: bytes) -> None:
        """Forget the failures of an account, not from where it was signed in."""
        with self._transactions.writing() as connection:
            of_account = update(_TABLE).where(_TABLE.c.account == account)
            connection.execute(of_account.values(failures=0, locked_until=None))

    def sweep(self, failed_before: datetime, succeeded_before: datetime) -> None:
        """Delete what is too old to matter."""
        no_success = or_(_TABLE.c.succeeded_at.is_(None), _TABLE.c.succeeded_at < succeeded_before)
        with self._transactions.writing() as connection:
            connection.execute(delete(_TABLE).where(_TABLE.c.last_at < failed_before, no_success))
