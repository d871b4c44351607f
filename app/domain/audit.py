"""Who did what to models and to identity, as it is kept for good. Times are UTC; `id` is a time id (time_ids.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from .time_ids import new_time_id


class Deed(StrEnum):
    """What can be done to a model, or to what callers are."""

    TRAIN = "train"
    ACTIVATE = "activate"
    FORCE = "force"
    """Activate against the gate."""
    ROLL_BACK = "roll_back"
    ALIAS = "alias"
    DELETE_VERSION = "delete_version"
    EXPORT = "export"
    IMPORT = "import"
    SIGN = "sign"
    CHANGE_CHECKS = "change_checks"
    CHANGE_EXAMPLES = "change_examples"
    CANCEL = "cancel"
    CREATE_USER = "create_user"
    CHANGE_USER = "change_user"
    DELETE_USER = "delete_user"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - a deed
    CREATE_KEY = "create_key"
    ROTATE_KEY = "rotate_key"
    REVOKE_KEY = "revoke_key"
    REGISTER_CLIENT = "register_client"
    ROTATE_CLIENT = "rotate_client"
    REVOKE_CLIENT = "revoke_client"
    LOCK_OUT = "lock_out"


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


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; None: whatever it is."""

    model: str | None = None
    deed: Deed | None = None
    caller: str | None = None
    since: datetime | None = None
    models: frozenset[str] | None = None
    """Only what was done to one of these."""


def new_entry(
    caller: str,
    deed: Deed,
    *,
    model: str | None = None,
    version: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Make the entry of what somebody does now."""
    now = datetime.now(UTC)
    return AuditEntry(new_time_id(now), now, caller, deed, model, version, dict(details or {}))
