"""
The tables of users, clients, keys, tokens and sessions.

What proves who somebody is stands here as a digest only. Lists are kept as texts with blanks between, since neither
scopes nor names of models have any; a list that is absent means all.
"""

from typing import Final

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid

from .tables import METADATA

_TIME = DateTime(timezone=True)

USERS: Final = Table(
    "users",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),  # argon2
    Column("scopes", Text, nullable=False),
    Column("models", Text),
    Column("created_at", _TIME, nullable=False),
    Column("password_changed_at", _TIME, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
)

KEYS: Final = Table(
    "keys",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("user", Text, nullable=False),  # the administrator has no row
    Column("scopes", Text, nullable=False),
    Column("models", Text),
    Column("origins", Text),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME),
    Column("revoked_at", _TIME),
    Column("last_used_at", _TIME),
)

Index("ix_keys_user", KEYS.c.user)

CLIENTS: Final = Table(
    "clients",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("secret", LargeBinary),  # digest; none: a public client
    Column("name", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("models", Text),
    Column("grant_types", Text, nullable=False),
    Column("redirect_uris", Text, nullable=False),
    Column("authentication", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("revoked_at", _TIME),
)

Index("ix_clients_user", CLIENTS.c.user)

# Whatever came of one consent, or of one call with a client's own secret: ended, it takes all of it along.
GRANTS: Final = Table(
    "grants",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("client", ForeignKey(CLIENTS.c.id, ondelete="CASCADE"), nullable=False),
    Column("user", Text),  # none: the client acts for itself
    Column("scope", Text, nullable=False),  # as it was asked
    Column("begun_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),  # nothing that came of it lives longer
    Column("ended_at", _TIME),
)

Index("ix_grants_user", GRANTS.c.user)
Index("ix_grants_expires_at", GRANTS.c.expires_at)

CODES: Final = Table(
    "codes",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("grant", ForeignKey(GRANTS.c.id, ondelete="CASCADE"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("used_at", _TIME),
)

Index("ix_codes_grant", CODES.c.grant)

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),  # access or refresh
    Column("grant", ForeignKey(GRANTS.c.id, ondelete="CASCADE"), nullable=False),
    Column("scope", Text, nullable=False),  # as it was asked
    Column("issued_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("used_at", _TIME),  # of a refresh token
    Column("revoked_at", _TIME),
)

Index("ix_tokens_grant", TOKENS.c.grant)
Index("ix_tokens_expires_at", TOKENS.c.expires_at)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("user", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("seen_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
)

Index("ix_sessions_user", SESSIONS.c.user)

FAILED_PROOFS: Final = Table(
    "failed_proofs",
    METADATA,
    Column("account", LargeBinary, primary_key=True),  # digest of the name as it was typed: there may be no such user
    Column("address", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", _TIME, nullable=False),
    Column("locked_until", _TIME),
    Column("succeeded_at", _TIME),
)

Index("ix_failed_proofs_last_at", FAILED_PROOFS.c.last_at)
