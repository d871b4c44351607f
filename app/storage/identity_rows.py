"""Users, keys, clients and sessions as rows, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Row

from ..domain.caller import Scope
from ..domain.identity import Attempts, Client, ClientAuthentication, GrantType, Key, User


def listed(items: Iterable[str] | None) -> str | None:
    """Write a list as a text with blanks between."""
    return None if items is None else " ".join(sorted(items))


def names_of(text: str | None) -> frozenset[str] | None:
    """Read a list; one that is absent means all."""
    return None if text is None else frozenset(text.split())


def scopes_of(text: str) -> frozenset[Scope]:
    """Read scopes."""
    return frozenset(map(Scope, text.split()))


def utc(time: datetime) -> datetime:
    """Give a time with its zone: SQLite keeps none."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def utc_or_none(time: datetime | None) -> datetime | None:
    """Do the same where there may be none."""
    return None if time is None else utc(time)


def user_of(row: Row[Any]) -> User:
    """Read a user out of a row that has the columns of `USERS`."""
    return User(
        name=row.name,
        scopes=scopes_of(row.scopes),
        models=names_of(row.models),
        created_at=utc(row.created_at),
        password_changed_at=utc(row.password_changed_at),
        is_disabled=row.is_disabled,
    )


def user_values(user: User) -> dict[str, Any]:
    """Give the columns of a user, but for the password."""
    return {
        "name": user.name,
        "scopes": listed(user.scopes),
        "models": listed(user.models),
        "created_at": user.created_at,
        "password_changed_at": user.password_changed_at,
        "is_disabled": user.is_disabled,
    }


def key_of(row: Row[Any]) -> Key:
    """Read a key."""
    return Key(
        id=row.id,
        prefix=row.prefix,
        label=row.label,
        user=row.user,
        scopes=scopes_of(row.scopes),
        models=names_of(row.models),
        origins=names_of(row.origins),
        created_at=utc(row.created_at),
        expires_at=utc_or_none(row.expires_at),
        revoked_at=utc_or_none(row.revoked_at),
        last_used_at=utc_or_none(row.last_used_at),
    )


def key_values(key: Key) -> dict[str, Any]:
    """Give the columns of a key, but for the digest."""
    return {
        "id": key.id,
        "prefix": key.prefix,
        "label": key.label,
        "user": key.user,
        "scopes": listed(key.scopes),
        "models": listed(key.models),
        "origins": listed(key.origins),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


def client_of(row: Row[Any]) -> Client:
    """Read a client."""
    return Client(
        id=row.id,
        name=row.name,
        user=row.user,
        scopes=scopes_of(row.scopes),
        models=names_of(row.models),
        grant_types=frozenset(map(GrantType, row.grant_types.split())),
        redirect_uris=tuple(row.redirect_uris.split()),
        authentication=ClientAuthentication(row.authentication),
        created_at=utc(row.created_at),
        uri=row.uri,
        revoked_at=utc_or_none(row.revoked_at),
    )


def client_values(client: Client) -> dict[str, Any]:
    """Give the columns of a client, but for the secret."""
    return {
        "id": client.id,
        "name": client.name,
        "user": client.user,
        "scopes": listed(client.scopes),
        "models": listed(client.models),
        "grant_types": listed(client.grant_types),
        "redirect_uris": " ".join(client.redirect_uris),
        "authentication": client.authentication.value,
        "created_at": client.created_at,
        "uri": client.uri,
        "revoked_at": client.revoked_at,
    }


def attempts_of(row: Row[Any]) -> Attempts:
    """Read what is remembered of attempts."""
    return Attempts(row.failures, utc(row.last_at), utc_or_none(row.locked_until), utc_or_none(row.succeeded_at))
