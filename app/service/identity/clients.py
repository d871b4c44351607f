"""Clients of the OAuth2 server: programs that get tokens, with no more rights than their user holds at the time."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from ...domain.audit import AuditEntry, Deed, new_entry
from ...domain.caller import Caller, CallerKind, Scope
from ...domain.client_rules import check_client
from ...domain.grants import check_grant, common_models, common_scopes
from ...domain.identity import Client, ClientAuthentication, GrantType
from ...domain.identity_errors import UnknownIdentityError
from .made_secrets import digest_of, make_client_id, make_client_secret
from .stores import Changes, OpenStores
from .users import Users

_NOBODYS: Final = bytes(32)


class Clients:
    """
    All clients; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used. `by` is who is told in the audit log;
    a client that is not of `user`, where one is named, is not there.
    """

    def __init__(
        self, stores: OpenStores, changes: Changes, users: Users, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self._stores, self._changes, self._users = stores, changes, users
        self._now = now or (lambda: datetime.now(UTC))

    def register(  # noqa: PLR0913, PLR0917 - what a client is
        self,
        user: str,
        name: str,
        scopes: frozenset[Scope],
        models: frozenset[str] | None,
        grant_types: frozenset[GrantType],
        redirect_uris: tuple[str, ...],
        authentication: ClientAuthentication,
        uri: str,
        by: str,
    ) -> tuple[Client, str | None]:
        """
        Register a client, and give it with its secret, which is kept nowhere; a public one has none.

        Raises:
            UnknownIdentityError: there is no such user.
            ExcessiveGrantError: the user does not hold all of the rights.
            InvalidRequestError: the name, a URI or a model is none, or they do not go together with how it gets tokens.
        """
        check_grant(self._users.get(user), scopes, models)
        client = Client(
            id=make_client_id(),
            name=name,
            user=user,
            scopes=scopes,
            models=models,
            grant_types=grant_types,
            redirect_uris=redirect_uris,
            authentication=authentication,
            created_at=self._now(),
            uri=uri,
        )
        check_client(client)
        secret = None if authentication is ClientAuthentication.NONE else make_client_secret()
        details = {
            "name": name,
            "scopes": sorted(scopes),
            "models": None if models is None else sorted(models),
            "grant_types": sorted(grant_types),
            "redirect_uris": list(redirect_uris),
        }
        entry = _entry(by, Deed.REGISTER_CLIENT, client, details)
        self._stores().clients.add(client, None if secret is None else digest_of(secret), entry)
        self._changes.increase()
        return client, secret

    def get(self, id: str) -> Client:  # noqa: A002 - it is one
        """
        Give a client, revoked or not.

        Raises:
            UnknownIdentityError: there is none.
        """
        return self._own(id, None)

    def of(self, user: str) -> list[Client]:
        """Give the clients of a user, in the order they were registered."""
        return self._stores().clients.of(user)

    def all(self) -> list[Client]:
        """Give everybody's clients, in the order they were registered."""
        return self._stores().clients.of(None)

    def rotate_secret(self, id: str, by: str, user: str | None = None) -> tuple[Client, str]:  # noqa: A002 - it is one
        """
        Let a client have another secret from now on, and give it.

        Raises:
            UnknownIdentityError: there is no such client, or it is revoked, or public.
        """
        client, secret = self._own(id, user), make_client_secret()
        is_public = client.authentication is ClientAuthentication.NONE
        entry = _entry(by, Deed.ROTATE_CLIENT, client)
        if is_public or not self._stores().clients.rotate(id, digest_of(secret), entry):
            raise UnknownIdentityError("client with a secret", id)
        self._changes.increase()
        return client, secret

    def revoke(self, id: str, by: str, user: str | None = None) -> None:  # noqa: A002 - it is one
        """
        Let a client and all its tokens be of no use from now on.

        Raises:
            UnknownIdentityError: there is no such client, or it is revoked.
        """
        client = self._own(id, user)
        if not self._stores().clients.revoke(id, self._now(), _entry(by, Deed.REVOKE_CLIENT, client)):
            raise UnknownIdentityError("client", id)
        self._changes.increase()

    def is_right_secret(self, id: str, secret: str) -> bool:  # noqa: A002 - it is one
        """Say whether a secret is that of a client which may do something now."""
        kept = self._stores().clients.find(id) if _can_be_kept(id) else None
        digest = (kept.secret if kept else None) or _NOBODYS
        is_right = hmac.compare_digest(digest, digest_of(secret))
        return kept is not None and is_right and self.caller(kept.client, kept.client.scopes) is not None

    def caller(self, client: Client, scopes: frozenset[Scope]) -> Caller | None:
        """Give whom a token of the client's own with these scopes stands for; None: it may do nothing now."""
        user = self._users.active(client.user)
        if user is None or client.revoked_at is not None:
            return None
        held = common_scopes(common_scopes(scopes, client.scopes), user.scopes)
        models = common_models(client.models, user.models)
        return Caller(f"client:{client.id}", held, models, CallerKind.CLIENT, client.user)

    def _own(self, id: str, user: str | None) -> Client:  # noqa: A002 - it is one
        kept = self._stores().clients.find(id) if _can_be_kept(id) else None
        if kept is None or (user is not None and kept.client.user != user):
            raise UnknownIdentityError("client", id)
        return kept.client


def _can_be_kept(id: str) -> bool:  # noqa: A002 - it is one
    return id.isascii() and id.isprintable()


def _entry(by: str, deed: Deed, client: Client, details: dict[str, Any] | None = None) -> AuditEntry:
    return new_entry(by, deed, details={"user": client.user, "client": client.id, **(details or {})})
