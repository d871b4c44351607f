"""
The audit log of a process.

SQLAlchemy is imported where the store is opened, which is when something is recorded or read first.
"""

from typing import TYPE_CHECKING

from ..service.audit import Audit
from ..settings import Settings

if TYPE_CHECKING:
    from ..storage.audit_store import AuditStore


def wire_audit(settings: Settings) -> Audit:
    """Put the log together; nothing is connected before it is used."""
    return Audit(lambda: open_audit_store(settings))


def open_audit_store(settings: Settings) -> "AuditStore":
    """
    Open the store; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.audit_store import AuditStore  # noqa: PLC0415
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above

    return AuditStore(open_engine(settings.database))
