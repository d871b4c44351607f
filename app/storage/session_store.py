"""Sessions of the pages in the database."""

from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update

from ..domain.identity import KeptSession
from .identity_rows import user_of, utc
from .identity_tables import SESSIONS, USERS
from .transactions import Transactions


class SessionStore:
    """
    All sessions; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def begin(self, digest: bytes, user: str, now: datetime, expires_at: datetime, *, idle_since: datetime) -> None:
        """Keep a new session, and forget those that have ended: by their time, or unseen since `idle_since`."""
        ended = or_(SESSIONS.c.expires_at <= now, SESSIONS.c.seen_at <= idle_since)
        new = {"digest": digest, "user": user, "created_at": now, "seen_at": now, "expires_at": expires_at}
        with self._transactions.writing() as connection:
            connection.execute(delete(SESSIONS).where(ended))
            connection.execute(insert(SESSIONS).values(new))

    def find(self, digest: bytes) -> KeptSession | None:
        """Give the session of a digest, and the user whose it is."""
        with self._transactions.reading() as connection:
            row = connection.execute(select(SESSIONS).where(SESSIONS.c.digest == digest)).first()
            if row is None:
                return None
            user = connection.execute(select(USERS).where(USERS.c.name == row.user)).first()
        found = None if user is None else user_of(user)
        return KeptSession(row.user, found, utc(row.created_at), utc(row.seen_at), utc(row.expires_at))

    def touch(self, digest: bytes, now: datetime) -> None:
        """Keep that a session was seen."""
        with self._transactions.writing() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(seen_at=now))

    def end(self, digest: bytes) -> bool:
        """End a session, and say whether there was one."""
        with self._transactions.writing() as connection:
            return connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest)).rowcount > 0

    def end_all(self, user: str) -> None:
        """End all sessions of a user."""
        with self._transactions.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == user))
