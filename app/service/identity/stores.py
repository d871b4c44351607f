"""What identity needs of storage, and of the memory that the processes of a machine share."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ...domain.audit import AuditEntry
from ...domain.identity import Attempts, Client, KeptClient, KeptKey, KeptSession, KeptUser, Key, User


class Changes(Protocol):
    """How often anything about identity changed on this machine."""

    def read(self) -> int: ...  # noqa: D102 - costs nothing
    def increase(self) -> None: ...  # noqa: D102
    def refresh(self) -> None: ...  # noqa: D102 - looks at a disk


class UserStore(Protocol):
    """Users that have a row."""

    def find(self, name: str) -> KeptUser | None: ...  # noqa: D102
    def page(self, *, limit: int, after: str | None) -> list[User]: ...  # noqa: D102
    def add(self, user: User, password: str, entry: AuditEntry) -> None: ...  # noqa: D102
    def change(self, name: str, change: Callable[[User], User], entry: AuditEntry) -> User | None: ...  # noqa: D102
    def set_password(self, name: str, password: str, now: datetime, entry: AuditEntry) -> bool: ...  # noqa: D102
    def settle_elsewhere(self, name: str, settle: Callable[[], None], entry: AuditEntry) -> None: ...  # noqa: D102
    def delete(self, name: str, entry: AuditEntry) -> bool: ...  # noqa: D102


class KeyStore(Protocol):
    """API keys."""

    def find(self, digest: bytes) -> KeptKey | None: ...  # noqa: D102
    def get(self, key: UUID) -> Key | None: ...  # noqa: D102
    def of(self, user: str | None) -> list[Key]: ...  # noqa: D102
    def add(self, key: Key, digest: bytes, entry: AuditEntry) -> None: ...  # noqa: D102
    def rotate(self, key: UUID, prefix: str, digest: bytes, entry: AuditEntry) -> bool: ...  # noqa: D102
    def revoke(self, key: UUID, now: datetime, entry: AuditEntry) -> bool: ...  # noqa: D102
    def mark_used(self, used: Mapping[UUID, datetime]) -> None: ...  # noqa: D102
    def origins(self, now: datetime) -> frozenset[str]: ...  # noqa: D102


class ClientStore(Protocol):
    """Clients of the OAuth2 server."""

    def find(self, client: str) -> KeptClient | None: ...  # noqa: D102
    def of(self, user: str | None) -> list[Client]: ...  # noqa: D102
    def add(self, client: Client, secret: bytes | None, entry: AuditEntry) -> None: ...  # noqa: D102
    def rotate(self, client: str, secret: bytes, entry: AuditEntry) -> bool: ...  # noqa: D102
    def revoke(self, client: str, now: datetime, entry: AuditEntry) -> bool: ...  # noqa: D102


class SessionStore(Protocol):
    """Sessions of the pages."""

    def begin(self, digest: bytes, user: str, now: datetime, expires_at: datetime, *, idle_since: datetime) -> None: ...  # noqa: D102
    def find(self, digest: bytes) -> KeptSession | None: ...  # noqa: D102
    def touch(self, digest: bytes, now: datetime) -> None: ...  # noqa: D102
    def end(self, digest: bytes) -> bool: ...  # noqa: D102
    def end_all(self, user: str) -> None: ...  # noqa: D102


class FailureStore(Protocol):
    """Failed proofs, by account and address."""

    def find(self, account: bytes, addresses: Sequence[str]) -> Mapping[str, Attempts]: ...  # noqa: D102
    def change(  # noqa: D102
        self,
        account: bytes,
        addresses: Sequence[str],
        change: Callable[[Mapping[str, Attempts]], Mapping[str, Attempts]],
        entry_of: Callable[[Mapping[str, Attempts]], AuditEntry | None],
        now: datetime,
    ) -> None: ...
    def forget(self, account: bytes) -> None: ...  # noqa: D102
    def sweep(self, failed_before: datetime, succeeded_before: datetime) -> None: ...  # noqa: D102


class Stores(Protocol):
    """All of them, in one database."""

    @property
    def users(self) -> UserStore: ...  # noqa: D102
    @property
    def keys(self) -> KeyStore: ...  # noqa: D102
    @property
    def clients(self) -> ClientStore: ...  # noqa: D102
    @property
    def sessions(self) -> SessionStore: ...  # noqa: D102
    @property
    def failures(self) -> FailureStore: ...  # noqa: D102
    def prepare(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


OpenStores = Callable[[], Stores]
"""Gives them, ready to be used; raises StorageUnavailableError where the database cannot be."""
