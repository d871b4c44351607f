"""An audit log that keeps deeds in memory, for tests."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.domain.audit import Deed
from app.domain.storage_errors import StorageUnavailableError


class Told(NamedTuple):
    """One deed."""

    caller: str
    deed: Deed
    model: str | None
    version: int | None
    details: Mapping[str, Any]


class ListedDeeds:
    """Fulfils `AuditLog`; away, it keeps none."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.is_away = False

    def record(
        self,
        caller: str,
        deed: Deed,
        *,
        model: str | None = None,
        version: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        if self.is_away:
            raise StorageUnavailableError("the audit log", "away")
        self.told.append(Told(caller, deed, model, version, details or {}))
