"""Who did what: the log that is kept for good."""

from collections.abc import Mapping
from typing import Any, Protocol

from ..domain.audit import Deed


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
