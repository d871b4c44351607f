"""
Who a caller is, whichever way they prove it: the one place where proofs become callers.

A proof that was accepted is remembered for seconds (`remembered.py`), so that most requests cost no I/O:

    caller = identity.recall(proof)
    if caller is None:
        as_of = identity.as_of()
        caller = identity.check_bearer(...)     # in a thread
        identity.remember(proof, caller, as_of)
"""

import time
from collections.abc import Callable
from typing import Protocol

from ...domain.caller import Caller
from ...domain.errors import AuthenticationError
from .clients import Clients
from .keys import Keys
from .made_secrets import is_key
from .remembered import RememberedProofs
from .sessions import Sessions
from .stores import Changes
from .users import Users


class AccessTokens(Protocol):
    """Tokens of the OAuth2 server."""

    def check(self, token: str) -> Caller:
        """
        Give whom a token stands for.

        Raises:
            AuthenticationError: it is none, or has ended, or stands for nobody who may do something.
        """
        ...


class Identity:
    """Accepts or refuses proofs; safe to share between threads."""

    def __init__(  # noqa: PLR0913 - its parts
        self,
        users: Users,
        keys: Keys,
        clients: Clients,
        sessions: Sessions,
        changes: Changes,
        *,
        access_tokens: AccessTokens | None = None,
        close: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.users, self.keys, self.clients, self.sessions = users, keys, clients, sessions
        self.changes = changes
        self._access_tokens, self.close = access_tokens, close
        self._remembered = RememberedProofs(changes, clock=clock)
        self.recall = self._remembered.recall
        self.as_of = self._remembered.as_of
        self.remember = self._remembered.remember
        self.was_accepted, self.forget = self._remembered.was_accepted, self._remembered.forget

    def accept(self, access_tokens: AccessTokens) -> None:
        """Accept tokens as well, of an OAuth2 server that is made over these users and clients."""
        self._access_tokens = access_tokens

    def check_password(self, user: str, password: str, address: str) -> Caller:
        """
        Accept a user's name and password that come from an address.

        Raises:
            AuthenticationError: they are not right, or not believed from there now; which is not told.
            OverloadedError: too many passwords are looked at already; this one was not.
            StorageUnavailableError: the database knows the user, and cannot be used.
        """
        return self.users.check(user, password, address).caller

    def check_bearer(self, secret: str) -> Caller:
        """
        Accept a key, or an access token.

        Raises:
            AuthenticationError: it is neither, or of no use any more.
            StorageUnavailableError: the database cannot be used.
        """
        if is_key(secret):
            return self.keys.check(secret)
        if self._access_tokens is None:
            raise AuthenticationError
        return self._access_tokens.check(secret)

    def check_session(self, cookie: str) -> Caller:
        """
        Accept what the cookie of a session holds.

        Raises:
            AuthenticationError: there is no such session, or it has ended.
            StorageUnavailableError: the database cannot be used.
        """
        caller = self.sessions.check(cookie)
        if caller is None:
            raise AuthenticationError
        return caller
