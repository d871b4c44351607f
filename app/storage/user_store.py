"""Users in the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import collate, delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from ..domain.audit import AuditEntry
from ..domain.identity import KeptUser, User
from ..domain.identity_errors import NameTakenError
from .audit_store import keep
from .identity_rows import user_of, user_values
from .identity_tables import CLIENTS, GRANTS, KEYS, SESSIONS, USERS
from .transactions import Transactions

_OF_A_USER: Final = (GRANTS, SESSIONS, KEYS, CLIENTS)


class UserStore:
    """
    All users that have a row; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used; a change and its entry of the audit
    log are both kept, or none.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._collation = "C" if transactions.engine.dialect.name == "postgresql" else "BINARY"

    def find(self, name: str) -> KeptUser | None:
        """Give a user with the hash of the password, or None."""
        with self._transactions.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
        return None if row is None else KeptUser(user_of(row), row.password)

    def page(self, *, limit: int, after: str | None) -> list[User]:
        """Give the first users by name, or the first behind a name."""
        name = collate(USERS.c.name, self._collation)
        query = select(USERS).order_by(name).limit(limit)
        if after is not None:
            query = query.where(name > after)
        with self._transactions.reading() as connection:
            return [user_of(row) for row in connection.execute(query)]

    def add(self, user: User, password: str, entry: AuditEntry) -> None:
        """
        Keep a new user with the hash of the password.

        Raises:
            NameTakenError: there is one of that name.
        """
        with self._transactions.writing() as connection:
            try:
                connection.execute(insert(USERS).values(**user_values(user), password=password))
            except IntegrityError:
                raise NameTakenError("user", user.name) from None
            keep(connection, entry)

    def change(self, name: str, change: Callable[[User], User], entry: AuditEntry) -> User | None:
        """Let a user be what `change` makes of it, and give it; None where it is not there."""
        with self._transactions.writing() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == name).with_for_update()).first()
            if row is None:
                return None
            changed = change(user_of(row))
            connection.execute(update(USERS).where(USERS.c.name == name).values(user_values(changed)))
            if changed.is_disabled:
                _end_sessions(connection, name)
            keep(connection, entry)
        return changed

    def set_password(self, name: str, password: str, now: datetime, entry: AuditEntry) -> bool:
        """Keep the hash of another password and end the user's sessions; say whether the user is there."""
        changed = update(USERS).where(USERS.c.name == name).values(password=password, password_changed_at=now)
        with self._transactions.writing() as connection:
            if not connection.execute(changed).rowcount:
                return False
            _end_sessions(connection, name)
            keep(connection, entry)
        return True

    def settle_elsewhere(self, name: str, settle: Callable[[], None], entry: AuditEntry) -> None:
        """End what a user has begun whose password `settle` keeps elsewhere; where that raises, nothing is done."""
        with self._transactions.writing() as connection:
            _end_sessions(connection, name)
            keep(connection, entry)
            settle()

    def delete(self, name: str, entry: AuditEntry) -> bool:
        """Delete a user with all that is theirs, and say whether there was one."""
        with self._transactions.writing() as connection:
            if not connection.execute(delete(USERS).where(USERS.c.name == name)).rowcount:
                return False
            for table in _OF_A_USER:
                connection.execute(delete(table).where(table.c.user == name))
            keep(connection, entry)
        return True


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))
    connection.execute(delete(GRANTS).where(GRANTS.c.user == name))  # with the tokens that came of them
