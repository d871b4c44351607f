"""
What was given out: made here, kept as digests, and found again.

A secret has 256 random bits; whoever reads the database learns nothing that could be used.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import uuid4

from ...domain.oauth import Code, Grant, Token, TokenKind
from ...domain.storage_errors import StorageError
from ..identity.made_secrets import digest_of, make_secret

_log = logging.getLogger(__name__)

CODE_LIFE: Final = timedelta(seconds=60)
_TIDIES_EVERY: Final = timedelta(minutes=10)
_AT_ONCE: Final = 1_000


class Store(Protocol):
    """Where grants, codes and tokens are."""

    def begin(self, grant: Grant, tokens: Sequence[Token]) -> None: ...  # noqa: D102
    def begin_with_code(self, digest: bytes, code: Code) -> None: ...  # noqa: D102
    def take_code(self, digest: bytes, client: str, now: datetime) -> tuple[Code | None, bool]: ...  # noqa: D102
    def add(self, grant: Grant, tokens: Sequence[Token]) -> None: ...  # noqa: D102
    def find(self, digest: bytes) -> Token | None: ...  # noqa: D102
    def take_refresh(self, token: Token, now: datetime) -> bool: ...  # noqa: D102
    def revoke(self, token: Token, now: datetime) -> None: ...  # noqa: D102
    def delete_before(self, now: datetime, limit: int) -> int: ...  # noqa: D102


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """
    Grants, codes and tokens of a server; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(
        self, store: Callable[[], Store], changed: Callable[[], None], *, clock: Callable[[], datetime] = _now
    ) -> None:
        """
        Begin.

        Args:
            store: gives where they are, ready to be used; is called each time.
            changed: is called when something that was given out is good no more, so that nobody goes on believing it.
            clock: tells the time.
        """
        self._store, self._changed, self.now = store, changed, clock
        self._tidied_at: datetime | None = None

    def new_grant(self, client: str, user: str | None, scope: str) -> Grant:
        """Make a grant that is not kept yet."""
        return Grant(uuid4(), client, user, scope, self.now())

    def new_token(self, secret: str, kind: TokenKind, grant: Grant, scope: str, life_s: int) -> Token:
        """Make what is kept of a token."""
        now = self.now()
        return Token(digest_of(secret), kind, grant, scope, now, now + timedelta(seconds=life_s))

    def begin(self, grant: Grant, tokens: Sequence[Token]) -> None:
        """Keep a grant and its first tokens."""
        self._store().begin(grant, tokens)
        self._tidy()

    def add(self, grant: Grant, tokens: Sequence[Token]) -> None:
        """Keep further tokens of a grant."""
        self._store().add(grant, tokens)
        self._tidy()

    def new_code(self, grant: Grant, redirect_uri: str, challenge: str) -> str:
        """Keep a grant and give the code that tokens can be had for."""
        secret = make_secret()
        code = Code(grant, redirect_uri, challenge, self.now() + CODE_LIFE)
        self._store().begin_with_code(digest_of(secret), code)
        return secret

    def take_code(self, secret: str, client: str) -> Code | None:
        """Use a code; None where it is not good. One that comes again ends all that came of it."""
        code, is_reused = self._store().take_code(digest_of(secret), client, self.now())
        if is_reused:
            self._changed()
        return code

    def find(self, secret: str) -> Token | None:
        """Give what is known of a token, good or not."""
        return self._store().find(digest_of(secret))

    def take_refresh(self, token: Token) -> bool:
        """Use a refresh token, and say whether it was good; one that comes again ends all that came of its grant."""
        is_first = self._store().take_refresh(token, self.now())
        if not is_first:
            self._changed()
        return is_first and token.is_good_at(self.now())

    def revoke(self, token: Token) -> None:
        """End a token; a refresh token takes all that came of its grant along."""
        self._store().revoke(token, self.now())
        self._changed()

    def _tidy(self) -> None:
        """Have what has expired deleted behind the back of whoever keeps something, now and then."""
        now = self.now()
        if self._tidied_at is None or now - self._tidied_at > _TIDIES_EVERY:
            self._tidied_at = now
            threading.Thread(target=self._delete_before, args=(now,), name="tokens", daemon=True).start()

    def _delete_before(self, now: datetime) -> None:
        try:
            self._store().delete_before(now, _AT_ONCE)
        except StorageError as error:
            _log.warning("tokens that have expired could not be deleted: %s", error)
