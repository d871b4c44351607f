"""
Grants, codes and tokens of the OAuth2 server in the database: digests alone.

A code and a refresh token are good for one use. Whoever comes with one a second time, or somebody before, is a thief:
so the grant that it came of ends, and all that ever came of it with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from ..domain.oauth import Code, Grant, Token, TokenKind
from .identity_rows import utc_or_none
from .identity_tables import CODES, GRANTS, TOKENS
from .job_rows import utc
from .transactions import Transactions

_CODES_KEPT: Final = timedelta(days=1)
"""After they have expired, so that one that comes again is known."""

_GRANT: Final = [column.label(f"grant_{column.name}") for column in GRANTS.columns]


class OAuthStore:
    """
    Grants, codes and tokens; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def begin(self, grant: Grant, tokens: Sequence[Token]) -> None:
        """Keep a grant, and what comes of it at once."""
        with self._transactions.writing() as connection:
            _keep_grant(connection, grant, max(token.expires_at for token in tokens))
            _keep_tokens(connection, tokens)

    def begin_with_code(self, digest: bytes, code: Code) -> None:
        """Keep a grant, and the code that tokens are to come of."""
        with self._transactions.writing() as connection:
            _keep_grant(connection, code.grant, code.expires_at)
            row = {
                "digest": digest,
                "grant": code.grant.id,
                "redirect_uri": code.redirect_uri,
                "challenge": code.challenge,
                "expires_at": code.expires_at,
            }
            connection.execute(insert(CODES).values(row))

    def take_code(self, digest: bytes, client: str, now: datetime) -> tuple[Code | None, bool]:
        """Use a code, which can be done once; None where it is not good, and whether that is because it was used."""
        with self._transactions.writing() as connection:
            selected = select(CODES, *_GRANT).join(GRANTS).where(CODES.c.digest == digest, GRANTS.c.client == client)
            row = connection.execute(selected).one_or_none()
            if row is None:
                return None, False
            taking = update(CODES).where(CODES.c.digest == digest, CODES.c.used_at.is_(None)).values(used_at=now)
            if connection.execute(taking).rowcount == 0:
                _end(connection, row.grant_id, now)
                return None, True
            grant, expires_at = _grant(row), utc(row.expires_at)
            if grant.ended_at is not None or expires_at <= now:
                return None, False
            return Code(grant, row.redirect_uri, row.challenge, expires_at), False

    def add(self, grant: Grant, tokens: Sequence[Token]) -> None:
        """Keep further tokens of a grant; where it has ended meanwhile, none of them is good."""
        last = max(token.expires_at for token in tokens)
        with self._transactions.writing() as connection:
            longer = update(GRANTS).where(GRANTS.c.id == grant.id, GRANTS.c.expires_at < last)
            connection.execute(longer.values(expires_at=last))
            _keep_tokens(connection, tokens)

    def find(self, digest: bytes) -> Token | None:
        """Give a token, good or not."""
        with self._transactions.reading() as connection:
            row = connection.execute(_tokens().where(TOKENS.c.digest == digest)).one_or_none()
            return None if row is None else _token(row)

    def take_refresh(self, token: Token, now: datetime) -> bool:
        """Use a refresh token, which can be done once, and say whether that was so; a second time ends its grant."""
        with self._transactions.writing() as connection:
            taking = update(TOKENS).where(TOKENS.c.digest == token.digest, TOKENS.c.used_at.is_(None))
            if connection.execute(taking.values(used_at=now)).rowcount == 0:
                _end(connection, token.grant.id, now)
                return False
            return True

    def revoke(self, token: Token, now: datetime) -> None:
        """End a token; a refresh token takes all that came of its grant along."""
        with self._transactions.writing() as connection:
            if token.kind is TokenKind.REFRESH:
                _end(connection, token.grant.id, now)
            else:
                ending = update(TOKENS).where(TOKENS.c.digest == token.digest, TOKENS.c.revoked_at.is_(None))
                connection.execute(ending.values(revoked_at=now))

    def delete_before(self, now: datetime, limit: int) -> int:
        """Delete what has expired, so many rows of each table at the most, and say how many."""
        old = (
            (CODES, CODES.c.digest, CODES.c.expires_at < now - _CODES_KEPT),
            (TOKENS, TOKENS.c.digest, TOKENS.c.expires_at < now),
            (GRANTS, GRANTS.c.id, GRANTS.c.expires_at < now - _CODES_KEPT),
        )
        n_deleted = 0
        for table, key, is_old in old:
            with self._transactions.writing() as connection:
                some = select(key).where(is_old).limit(limit).scalar_subquery()
                n_deleted += connection.execute(delete(table).where(key.in_(some))).rowcount
        return n_deleted


def _tokens() -> Select[Any]:
    return select(TOKENS, *_GRANT).join(GRANTS)


def _keep_grant(connection: Connection, grant: Grant, expires_at: datetime) -> None:
    row = {
        "id": grant.id,
        "client": grant.client,
        "user": grant.user,
        "scope": grant.scope,
        "begun_at": grant.begun_at,
        "expires_at": expires_at,
    }
    connection.execute(insert(GRANTS).values(row))


def _keep_tokens(connection: Connection, tokens: Sequence[Token]) -> None:
    for token in tokens:
        row = {
            "digest": token.digest,
            "kind": token.kind.value,
            "grant": token.grant.id,
            "scope": token.scope,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
        }
        connection.execute(insert(TOKENS).values(row))


def _end(connection: Connection, grant: UUID, now: datetime) -> None:
    connection.execute(update(GRANTS).where(GRANTS.c.id == grant, GRANTS.c.ended_at.is_(None)).values(ended_at=now))


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        row.grant_id,
        row.grant_client,
        row.grant_user,
        row.grant_scope,
        utc(row.grant_begun_at),
        utc_or_none(row.grant_ended_at),
    )


def _token(row: Row[Any]) -> Token:
    return Token(
        digest=row.digest,
        kind=TokenKind(row.kind),
        grant=_grant(row),
        scope=row.scope,
        issued_at=utc(row.issued_at),
        expires_at=utc(row.expires_at),
        used_at=utc_or_none(row.used_at),
        revoked_at=utc_or_none(row.revoked_at),
    )
