"""What a token may be good for: never more than its client and its user hold now."""

from typing import Protocol

from ...domain.caller import Caller, CallerKind, Scope
from ...domain.errors import AuthenticationError, NotFoundError
from ...domain.grants import common_models, common_scopes
from ...domain.identity import ADMIN, Client, User
from ...domain.oauth import Grant, Token, read_scope, write_scope


class Users(Protocol):
    """Who people are."""

    def get(self, name: str) -> User: ...  # noqa: D102 - raises UnknownIdentityError
    def check(self, name: str, password: str, address: str) -> User: ...  # noqa: D102 - raises AuthenticationError


class Clients(Protocol):
    """Which programs there are."""

    def get(self, client_id: str) -> Client: ...  # noqa: D102 - raises UnknownIdentityError
    def is_right_secret(self, client_id: str, secret: str) -> bool: ...  # noqa: D102


class Holders:
    """Who holds what now; safe to share between threads."""

    def __init__(self, users: Users, clients: Clients) -> None:
        self.users, self.clients = users, clients

    def client(self, client_id: str) -> Client | None:
        """Give a client that may ask for something."""
        try:
            client = self.clients.get(client_id)
        except NotFoundError:
            return None
        return client if client.revoked_at is None else None

    def user(self, name: str) -> User | None:
        """Give a user who may do something."""
        try:
            user = self.users.get(name)
        except NotFoundError:
            return None
        return None if user.is_disabled else user

    def user_of(self, grant: Grant) -> User | None:
        """Give the user who let a client do something, unless another has the name by now, or a new password since."""
        user = self.user(grant.user or "")
        if user is None or grant.begun_at < user.created_at:
            return None
        is_older = grant.begun_at < user.password_changed_at
        return None if is_older and user.name != ADMIN else user  # whose is settled anew on every machine

    def caller(self, token: Token) -> Caller:
        """
        Say whom a token calls as.

        Raises:
            AuthenticationError: its client or its user is gone, or nothing is left that they both hold.
        """
        grant = token.grant
        client = self.client(grant.client)
        user = None if client is None else self.user_of(grant) if grant.user else self.user(client.user)
        if client is None or user is None:
            raise AuthenticationError
        scopes = common_scopes(read_scope(token.scope) or (), held(client, user))
        if not scopes:
            raise AuthenticationError
        models = common_models(client.models, user.models)
        if grant.user:
            return Caller(user.name, scopes, models, CallerKind.USER, user.name)
        return Caller(f"client:{client.id}", scopes, models, CallerKind.CLIENT, user.name)


def held(client: Client, user: User) -> frozenset[Scope]:
    """Give what a client and a user may both do."""
    return common_scopes(client.scopes, user.scopes)


def granted_scope(asked: str | None, client: Client, user: User | None) -> str | None:
    """
    Say what is given of what a client asks for.

    Returns:
        Names with blanks between, as they were asked; without a wish all that can be given. None where the client asks
        for what it was not registered for, or nothing is left that its user may do.
    """
    wanted = read_scope(asked) if asked else client.scopes
    if not wanted or not wanted <= common_scopes(client.scopes, Scope):
        return None
    given = wanted if user is None else common_scopes(wanted, user.scopes) & wanted
    names = asked.split() if asked else write_scope(given).split()
    kept = [name for name in dict.fromkeys(names) if (read_scope(name) or frozenset()) <= given]
    return " ".join(kept) or None
