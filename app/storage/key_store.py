"""API keys in the database: digests, and what may be shown."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, or_, select, update

from ..domain.audit import AuditEntry
from ..domain.identity import KeptKey, Key
from .audit_store import keep
from .identity_rows import key_of, key_values, names_of, user_of
from .identity_tables import KEYS, USERS
from .transactions import Transactions


class KeyStore:
    """
    All keys; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used; a change and its entry of the audit
    log are both kept, or none.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def find(self, digest: bytes) -> KeptKey | None:
        """Give the key of a digest, and the user whose it is."""
        with self._transactions.reading() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.digest == digest)).first()
            if row is None:
                return None
            user = connection.execute(select(USERS).where(USERS.c.name == row.user)).first()
        return KeptKey(key_of(row), None if user is None else user_of(user))

    def get(self, key: UUID) -> Key | None:
        """Give a key, or None."""
        with self._transactions.reading() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.id == key)).first()
        return None if row is None else key_of(row)

    def of(self, user: str | None) -> list[Key]:
        """Give the keys of a user, or of everybody, in the order they were made."""
        query = select(KEYS).order_by(KEYS.c.id)
        if user is not None:
            query = query.where(KEYS.c.user == user)
        with self._transactions.reading() as connection:
            return [key_of(row) for row in connection.execute(query)]

    def add(self, key: Key, digest: bytes, entry: AuditEntry) -> None:
        """Keep a new key."""
        with self._transactions.writing() as connection:
            connection.execute(insert(KEYS).values(**key_values(key), digest=digest))
            keep(connection, entry)

    def rotate(self, key: UUID, prefix: str, digest: bytes, entry: AuditEntry) -> bool:
        """Let a key have another secret from now on, and say whether it is there and not revoked."""
        changed = update(KEYS).where(KEYS.c.id == key, KEYS.c.revoked_at.is_(None))
        with self._transactions.writing() as connection:
            if not connection.execute(changed.values(prefix=prefix, digest=digest)).rowcount:
                return False
            keep(connection, entry)
        return True

    def revoke(self, key: UUID, now: datetime, entry: AuditEntry) -> bool:
        """Let a key be of no use from now on, and say whether it is there and was not revoked before."""
        changed = update(KEYS).where(KEYS.c.id == key, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)
        with self._transactions.writing() as connection:
            if not connection.execute(changed).rowcount:
                return False
            keep(connection, entry)
        return True

    def mark_used(self, used: Mapping[UUID, datetime]) -> None:
        """Keep when keys were used last."""
        with self._transactions.writing() as connection:
            for key, time in used.items():
                connection.execute(update(KEYS).where(KEYS.c.id == key).values(last_used_at=time))

    def origins(self, now: datetime) -> frozenset[str]:
        """Give the origins of all keys of browsers that are of use."""
        lasts = or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > now)
        query = select(KEYS.c.origins).where(KEYS.c.origins.is_not(None), KEYS.c.revoked_at.is_(None), lasts)
        with self._transactions.reading() as connection:
            lists = [names_of(text) or frozenset() for text in connection.scalars(query)]
        return frozenset().union(*lists)
