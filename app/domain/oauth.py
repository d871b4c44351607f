"""
What the OAuth2 server gives out, as it is kept: of codes and tokens only digests. Times are UTC.

Whatever came of one consent, or of one call with a client's own secret, belongs to one grant: ended, it takes all of
it along.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from .caller import Scope

PROFILE: Final = "profile"
"""What clients of system P ask for: it is read as `predict`, and written back as it was asked."""


class TokenKind(StrEnum):
    """What a token is for."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody let a client do."""

    id: UUID
    client: str
    user: str | None
    """Who let it; None: the client acts for itself."""
    scope: str
    """As it was asked, with blanks between."""
    begun_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """What a browser carries to a client, to be exchanged for tokens once."""

    grant: Grant
    redirect_uri: str
    challenge: str
    """Of PKCE, S256: only who made it can exchange the code."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An access or refresh token."""

    digest: bytes
    kind: TokenKind
    grant: Grant
    scope: str
    """As it was asked, with blanks between; not more than the grant's."""
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    """Of a refresh token: it is used once."""
    revoked_at: datetime | None = None

    def is_good_at(self, time: datetime) -> bool:
        """Say whether it may be used at a time."""
        is_ended = self.used_at is not None or self.revoked_at is not None or self.grant.ended_at is not None
        return not is_ended and time < self.expires_at


def read_scope(scope: str) -> frozenset[Scope] | None:
    """Give the scopes that a text with blanks between names; None where one of them is unknown."""
    names = [Scope.PREDICT if name == PROFILE else name for name in scope.split()]
    return frozenset(map(Scope, names)) if all(name in set(Scope) for name in names) else None


def write_scope(scopes: frozenset[Scope]) -> str:
    """Name scopes, in the order in which they are declared."""
    return " ".join(scope for scope in Scope if scope in scopes)
