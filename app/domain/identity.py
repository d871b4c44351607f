"""
Users, clients and keys, as they are kept. Times are UTC.

Of what proves who somebody is only digests are kept: argon2 of passwords, which people choose, and SHA-256 of what
Parley makes itself from 256 random bits.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from .caller import Caller, CallerKind, Scope

ADMIN: Final = "admin"
"""The user that is always there: its password is settled at the start, outside the database."""


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    name: str
    scopes: frozenset[Scope]
    models: frozenset[str] | None
    """None: all."""
    created_at: datetime
    password_changed_at: datetime
    is_disabled: bool = False

    @property
    def caller(self) -> Caller:
        """Whom the user calls as, having proved it."""
        return Caller(self.name, self.scopes, self.models, CallerKind.USER, self.name)


@dataclass(frozen=True, slots=True)
class Key:
    """An API key; `prefix` is the part of it that may be shown."""

    id: UUID
    prefix: str
    label: str
    user: str
    """Whose it is: it may never do what its user may not."""
    scopes: frozenset[Scope]
    models: frozenset[str] | None
    origins: frozenset[str] | None
    """Of pages that may send it from a browser; None: it is no key of a browser."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the hour, so that using it costs no write."""


class KeptUser(NamedTuple):
    """A user with what their password is compared to."""

    user: User
    password: str
    """Its argon2 hash."""


class KeptKey(NamedTuple):
    """A key with the user whose it is, where that one has a row."""

    key: Key
    user: User | None


class ClientAuthentication(StrEnum):
    """How a client of the OAuth2 server proves who it is, by the names of RFC 7591."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"
    """A public client: it has no secret, and must use PKCE."""


class GrantType(StrEnum):
    """Ways to a token, by their names in requests."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name
    PASSWORD = "password"  # noqa: S105 - a name
    """Only where the operator allows it to old clients."""
    IMPLICIT = "implicit"
    """As above."""


@dataclass(frozen=True, slots=True)
class Client:
    """A program that the OAuth2 server gives tokens to."""

    id: str
    name: str
    user: str
    """Whose it is."""
    scopes: frozenset[Scope]
    models: frozenset[str] | None
    grant_types: frozenset[GrantType]
    redirect_uris: tuple[str, ...]
    authentication: ClientAuthentication
    created_at: datetime
    uri: str = ""
    """Of a page that says what it is."""
    revoked_at: datetime | None = None


class KeptClient(NamedTuple):
    """A client with what its secret is compared to."""

    client: Client
    secret: bytes | None
    """The digest; None: a public client."""


class KeptSession(NamedTuple):
    """A session of the pages, with the user whose it is, where that one has a row."""

    name: str
    user: User | None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a password was wrong that was given for one account, from one address or from everywhere."""

    failures: int
    last_at: datetime
    locked_until: datetime | None = None
    succeeded_at: datetime | None = None
