"""The audit log in the database: entries are added and read, and never changed or deleted."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.engine import Connection, Engine, Row

from ..domain.audit import AuditEntry, AuditFilter, Deed, new_entry
from ..domain.time_ids import first_time_id
from .database_faults import told_faults
from .engine import WRITES
from .migration import migrate
from .tables import AUDIT

ALL: Final = AuditFilter()


class AuditStore:
    """
    The audit log; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**WRITES)

    def prepare(self) -> bool:
        """Make or change the tables where they are not as they should be, and say whether that was so."""
        return migrate(self.engine)

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
        Keep a deed.

        Raises:
            RefusedEntryError: the database does not take it.
        """
        with told_faults(self.engine), self._writing.begin() as connection:
            keep(connection, new_entry(caller, deed, model=model, version=version, details=details))

    def page(self, wanted: AuditFilter = ALL, *, limit: int = 100, before: UUID | None = None) -> list[AuditEntry]:
        """Give the newest entries that are wanted, newest first; `before` is the last of the page before."""
        with told_faults(self.engine), self.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(_selected(wanted, before).limit(limit))]

    def close(self) -> None:
        """Give back what connections are held."""
        self.engine.dispose()


def keep(connection: Connection, entry: AuditEntry) -> None:
    """Keep an entry with what else a transaction does: both, or none."""
    connection.execute(
        insert(AUDIT).values(
            id=entry.id,
            time=entry.time.astimezone(UTC),
            caller=entry.caller,
            deed=entry.deed.value,
            model=entry.model,
            version=entry.version,
            details=dict(entry.details),
        )
    )


def _selected(wanted: AuditFilter, before: UUID | None) -> Select[Any]:
    query = select(AUDIT).order_by(AUDIT.c.id.desc())
    if wanted.model is not None:
        query = query.where(AUDIT.c.model == wanted.model)
    if wanted.models is not None:
        query = query.where(AUDIT.c.model.in_(sorted(wanted.models)))
    if wanted.deed is not None:
        query = query.where(AUDIT.c.deed == wanted.deed.value)
    if wanted.caller is not None:
        query = query.where(AUDIT.c.caller == wanted.caller)
    if wanted.since is not None:
        query = query.where(AUDIT.c.id >= first_time_id(wanted.since))
    return query if before is None else query.where(AUDIT.c.id < before)


def _entry(row: Row[Any]) -> AuditEntry:
    time = row.time if row.time.tzinfo else row.time.replace(tzinfo=UTC)
    return AuditEntry(row.id, time.astimezone(UTC), row.caller, Deed(row.deed), row.model, row.version, row.details)
