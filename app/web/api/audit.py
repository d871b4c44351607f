"""`GET /audit`: who did what to which model."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from ...domain.audit import AuditEntry, AuditFilter, Deed
from ...domain.caller import Scope
from ...domain.errors import InvalidRequestError
from ...domain.quotation import shortened
from ...domain.storage_errors import StorageUnavailableError
from ..operation import Answer, Call, Operation, Services
from ..query_values import id_in, number_in, time_in

_LIMIT = 100
_LIMIT_AT_MOST = 1_000


class AuditItem(msgspec.Struct, frozen=True, kw_only=True):
    """One deed."""

    id: UUID
    time: datetime
    caller: str
    deed: Deed
    model: str | None
    version: int | None
    details: Annotated[dict[str, Any], Meta(description="Counts, ids and reasons; never a text or a secret.")]


class AuditReply(msgspec.Struct, frozen=True):
    """Deeds, newest first."""

    entries: list[AuditItem]
    next: Annotated[UUID | None, Meta(description="What `before` is for the entries that come then; null: no more.")]


def list_audit(services: Services, call: Call) -> Answer:
    """Give the newest entries that are wanted."""
    limit = number_in(call.query, "limit", _LIMIT, _LIMIT_AT_MOST)
    wanted = AuditFilter(
        call.query.get("model"),
        _deed(call.query.get("deed")),
        call.query.get("caller"),
        time_in(call.query, "since"),
        call.models,
    )
    found = services.audit.page(wanted, limit=limit + 1, before=id_in(call.query, "before"))
    entries = [_item(entry) for entry in found[:limit]]
    return Answer(AuditReply(entries, entries[-1].id if len(found) > limit else None))


def _deed(name: str | None) -> Deed | None:
    if name is None:
        return None
    try:
        return Deed(name)
    except ValueError:
        problem = f"deed: {shortened(name)} is none of {', '.join(Deed)}"
        raise InvalidRequestError(problem, field="deed") from None


def _item(entry: AuditEntry) -> AuditItem:
    return AuditItem(
        id=entry.id,
        time=entry.time,
        caller=entry.caller,
        deed=entry.deed,
        model=entry.model,
        version=entry.version,
        details=dict(entry.details),
    )


OPERATIONS = (
    Operation(
        name="list_audit",
        method="GET",
        path="/audit",
        scope=Scope.ADMIN,
        tag="operations",
        summary="Who did what",
        description="Who trained, activated, rolled back, deleted, imported, exported and edited, newest first. "
        "Entries are kept for good: Parley neither changes nor deletes them.",
        replies={200: (AuditReply,)},
        handle=list_audit,
        errors=(StorageUnavailableError,),
        query={
            "model": "Of this model.",
            "deed": f"One of {', '.join(f'`{deed}`' for deed in Deed)}.",
            "caller": "Of this caller.",
            "since": "Since a date or a time, UTC unless it says otherwise.",
            "limit": f"So many at the most; {_LIMIT} unless told, {_LIMIT_AT_MOST:,} at the most.",
            "before": "Only those before this entry: `next` of the reply before.",
        },
    ),
)
