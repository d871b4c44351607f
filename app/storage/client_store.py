"""Clients of the OAuth2 server in the database."""

from datetime import datetime

from sqlalchemy import insert, select, update

from ..domain.audit import AuditEntry
from ..domain.identity import Client, KeptClient
from .audit_store import keep
from .identity_rows import client_of, client_values
from .identity_tables import CLIENTS
from .transactions import Transactions


class ClientStore:
    """
    All clients; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used; a change and its entry of the audit
    log are both kept, or none.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def find(self, client: str) -> KeptClient | None:
        """Give a client with the digest of the secret, or None."""
        with self._transactions.reading() as connection:
            row = connection.execute(select(CLIENTS).where(CLIENTS.c.id == client)).first()
        return None if row is None else KeptClient(client_of(row), row.secret)

    def of(self, user: str | None) -> list[Client]:
        """Give the clients of a user, or of everybody, in the order they were registered."""
        query = select(CLIENTS).order_by(CLIENTS.c.created_at, CLIENTS.c.id)
        if user is not None:
            query = query.where(CLIENTS.c.user == user)
        with self._transactions.reading() as connection:
            return [client_of(row) for row in connection.execute(query)]

    def add(self, client: Client, secret: bytes | None, entry: AuditEntry) -> None:
        """Keep a new client."""
        with self._transactions.writing() as connection:
            connection.execute(insert(CLIENTS).values(**client_values(client), secret=secret))
            keep(connection, entry)

    def rotate(self, client: str, secret: bytes, entry: AuditEntry) -> bool:
        """Let a client have another secret from now on, and say whether it is there and not revoked."""
        changed = update(CLIENTS).where(CLIENTS.c.id == client, CLIENTS.c.revoked_at.is_(None))
        with self._transactions.writing() as connection:
            if not connection.execute(changed.values(secret=secret)).rowcount:
                return False
            keep(connection, entry)
        return True

    def revoke(self, client: str, now: datetime, entry: AuditEntry) -> bool:
        """Let a client be of no use from now on, and say whether it is there and was not revoked before."""
        changed = update(CLIENTS).where(CLIENTS.c.id == client, CLIENTS.c.revoked_at.is_(None))
        with self._transactions.writing() as connection:
            if not connection.execute(changed.values(revoked_at=now)).rowcount:
                return False
            keep(connection, entry)
        return True
