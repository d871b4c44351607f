"""Ways to prove who calls, for tests: keys of a server's own database, right ones and others."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.bootstrap.identity import wire_identity
from app.domain.caller import Scope
from app.domain.identity import ADMIN
from app.service.identity.identity import Identity
from app.settings import load_settings


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextmanager
def identity_of(server: Any) -> Iterator[Identity]:
    """Give who is who at a server, as the command line sees it."""
    folder = Path(server.log).parent
    identity = wire_identity(load_settings(folder, environment={"PARLEY_VAR_DIR": str(folder / "var")}))
    try:
        yield identity
    finally:
        identity.close()


@dataclass(frozen=True)
class Keys:
    """Keys of the administrator, as `Authorization` has them."""

    identity: Identity

    def make(
        self,
        *scopes: Scope,
        models: frozenset[str] | None = None,
        origins: frozenset[str] | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        _, secret = self.identity.keys.create(
            ADMIN, "of a test", frozenset(scopes), models, origins, expires_at, by=ADMIN
        )
        return f"Bearer {secret}"

    def revoked(self) -> str:
        key, secret = self.identity.keys.create(ADMIN, "of a test", frozenset(Scope), None, None, None, by=ADMIN)
        self.identity.keys.revoke(key.id, ADMIN)
        return f"Bearer {secret}"

    def expired(self) -> str:
        """Make a key yesterday that held for an hour."""
        keys = self.identity.keys
        now = keys._now  # nobody waits for a key to expire
        yesterday = datetime.now(UTC) - timedelta(days=1)
        keys._now = lambda: yesterday
        try:
            return self.make(*Scope, expires_at=yesterday + timedelta(hours=1))
        finally:
            keys._now = now
