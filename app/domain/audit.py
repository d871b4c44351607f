"""Who did what to a model, as it is kept for good. Times are UTC; `id` is a time id (time_ids.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Deed(StrEnum):
    """What can be done to a model."""

    TRAIN = "train"
    ACTIVATE = "activate"
    FORCE = "force"
    """Activate against the gate."""
    ROLL_BACK = "roll_back"
    ALIAS = "alias"
    DELETE_VERSION = "delete_version"
    EXPORT = "export"
    IMPORT = "import"
    CHANGE_CHECKS = "change_checks"
    CHANGE_EXAMPLES = "change_examples"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed; `details` says more, and never what is secret."""

    id: UUID
    time: datetime
    caller: str
    deed: Deed
    model: str | None = None
    version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
