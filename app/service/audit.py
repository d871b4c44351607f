"""Who did what: the log that is kept for good."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from uuid import UUID

from ..domain.audit import AuditEntry, AuditFilter, Deed
from .opened_once import OpenedOnce

_ALL: Final = AuditFilter()


class AuditLog(Protocol):
    """Keeps deeds."""

    def record(
        self,
        caller: str,
        deed: Deed,
        *,
        model: str | None = None,
        version: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Keep one.

        Raises:
            StorageUnavailableError: it cannot be kept.
        """


class Store(AuditLog, Protocol):
    """Where the log is."""

    def prepare(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
    def page(self, wanted: AuditFilter, *, limit: int, before: UUID | None) -> list[AuditEntry]: ...  # noqa: D102


class Audit:
    """
    The audit log of a process; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        """`open_store` is called when the log is used first."""
        self._store = OpenedOnce(open_store)

    def record(
        self,
        caller: str,
        deed: Deed,
        *,
        model: str | None = None,
        version: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep a deed; `details` holds nothing secret and nothing that a person typed."""
        self._store().record(caller, deed, model=model, version=version, details=details)

    def page(self, wanted: AuditFilter = _ALL, *, limit: int = 100, before: UUID | None = None) -> list[AuditEntry]:
        """Give the newest entries that are wanted, newest first; `before` is the last of the page before."""
        return self._store().page(wanted, limit=limit, before=before)

    def close(self) -> None:
        """Give back what connections are held."""
        self._store.close()
