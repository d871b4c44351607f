"""A job as a row of its table, and back. What stands in JSON columns is plain values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.engine import Row

from ..domain.job import BatchOrder, Ending, Job, JobKind, JobOutcome, JobProgress, JobState, Order, TrainingOrder
from .tables import JOBS

COLUMNS: Final = [column for column in JOBS.columns if column.name != "snapshot"]
"""All but what may be megabytes."""

_MAX_CHARS: Final = 2_000
_ORDERS: Final[Mapping[str, type[Order]]] = {JobKind.TRAIN: TrainingOrder, JobKind.PREDICT: BatchOrder}


def new_row(job: Job, snapshot: bytes | None, idempotency_key: str | None) -> dict[str, Any]:
    """Give the row of a job that nobody has run yet."""
    return {
        "id": job.id,
        "kind": job.order.kind.value,
        "model": job.order.model,
        "caller": job.caller,
        "state": job.state.value,
        "order": plain(job.order),
        "warnings": list(job.warnings),
        "snapshot": snapshot,
        "idempotency_key": idempotency_key,
        "created_at": job.created_at,
        "attempts": 0,
        "claim": 0,
        "is_to_be_cancelled": False,
    }


def plain(value: Order | JobProgress | JobOutcome | None) -> dict[str, Any] | None:
    """Give what JSON can hold: a number that is none becomes null."""
    return None if value is None else msgspec.json.decode(msgspec.json.encode(value), type=dict[str, Any])


def job_of(row: Row[Any], positions: Mapping[UUID, int]) -> Job:
    """Make a job of its row; `positions` has the place in the queue of those that wait."""
    return Job(
        id=row.id,
        order=msgspec.convert(row.order, _ORDERS[row.kind]),
        caller=row.caller,
        state=JobState(row.state),
        created_at=utc(row.created_at),
        started_at=None if row.started_at is None else utc(row.started_at),
        ended_at=None if row.ended_at is None else utc(row.ended_at),
        attempts=row.attempts,
        progress=None if row.progress is None else msgspec.convert(row.progress, JobProgress),
        outcome=None if row.outcome is None else msgspec.convert(row.outcome, JobOutcome),
        problem=row.problem,
        code=row.code,
        warnings=tuple(row.warnings),
        position=positions.get(row.id),
        is_to_be_cancelled=row.is_to_be_cancelled,
        result_until=None if row.result_until is None else utc(row.result_until),
    )


def ending_values(ending: Ending, now: datetime) -> dict[str, Any]:
    """Give what a job that ends has in its columns; what it was to learn from is forgotten."""
    return {
        "state": ending.state.value,
        "ended_at": now,
        "outcome": plain(ending.outcome),
        "problem": _storable(ending.problem),
        "code": ending.code,
        "snapshot": None,
        "is_to_be_cancelled": False,
        "runner": None,
        "heartbeat_at": None,
    }


def requeued_values(problem: str | None, code: str | None) -> dict[str, Any]:
    """Give what a job has in its columns that waits again, and why it does."""
    taken = {"runner": None, "heartbeat_at": None, "progress": None}
    return {"state": JobState.QUEUED.value, "problem": _storable(problem), "code": code, **taken}


def _storable(sentence: str | None) -> str | None:
    return None if sentence is None else sentence.replace("\0", "\ufffd")[:_MAX_CHARS]


def utc(time: datetime) -> datetime:
    """Say of a time that it is UTC where the database has forgotten that."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
