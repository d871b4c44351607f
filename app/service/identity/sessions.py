"""Sessions of the pages: what a browser proves with a cookie, after its user has signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from ...domain.caller import Caller
from ...domain.errors import AuthenticationError
from ...domain.identity import User
from .made_secrets import digest_of, make_secret
from .stores import Changes, OpenStores
from .user_changes import active_or_refused
from .users import Users

IDLE: Final = timedelta(hours=12)
AT_MOST: Final = timedelta(days=7)
_SEEN_TO: Final = timedelta(minutes=5)


class Sessions:
    """
    All sessions; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(
        self, stores: OpenStores, changes: Changes, users: Users, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self._stores, self._changes, self._users = stores, changes, users
        self._now = now or (lambda: datetime.now(UTC))

    def begin(self, user: User) -> str:
        """Begin a session of a user who has proved to be it, and give what the cookie is to hold."""
        secret, now = make_secret(), self._now()
        self._stores().sessions.begin(digest_of(secret), user.name, now, now + AT_MOST, idle_since=now - IDLE)
        return secret

    def check(self, secret: str) -> Caller | None:
        """Give whom a session stands for; None: there is none, or it has ended, or its user may do nothing."""
        digest, now = digest_of(secret), self._now()
        kept = self._stores().sessions.find(digest)
        if kept is None or now >= kept.expires_at or now - kept.seen_at >= IDLE:
            return None
        try:
            user = active_or_refused(kept.name, kept.user, lambda: self._users.get(kept.name))
        except AuthenticationError:
            return None
        if kept.created_at < user.password_changed_at:
            return None
        if now - kept.seen_at >= _SEEN_TO:
            self._stores().sessions.touch(digest, now)
        return user.caller

    def end(self, secret: str) -> None:
        """End a session; it may have ended before."""
        if self._stores().sessions.end(digest_of(secret)):
            self._changes.increase()

    def end_all(self, user: str) -> None:
        """End all sessions of a user."""
        self._stores().sessions.end_all(user)
        self._changes.increase()
