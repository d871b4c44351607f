"""A job as clients see it."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from ...domain.job import Activation, Job, JobState, TrainingMode
from ..errors import ItemError


class ProgressItem(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job has come; null is what is not known yet."""

    stage: str
    epoch: int | None
    n_epochs: int | None
    loss: float | None
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    eta_s: Annotated[float | None, Meta(description="Seconds, if every epoch allowed is needed.")]


class JobItem(msgspec.Struct, frozen=True, kw_only=True):
    """A training, and what became of it."""

    id: str
    model: str
    state: JobState
    mode: TrainingMode
    activate: bool | str
    caller: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    position: Annotated[int | None, Meta(description="How many are run before it; null once it has begun.")]
    attempts: int
    progress: ProgressItem | None
    version: Annotated[int | None, Meta(description="The version that was published; null where none was.")]
    active: Annotated[bool, Meta(description="Whether that version answered when the job ended.")]
    metrics: dict[str, dict[str, float] | None]
    notes: Annotated[list[str], Meta(description="What was gained and forgotten, and what was decided.")]
    regressions: Annotated[list[str], Meta(description="What the gate found to be worse.")]
    warnings: Annotated[list[str], Meta(description="What the checks found in the examples.")]
    error: Annotated[ItemError | None, Meta(description="Why it failed or was refused, or had to begin again.")]


class JobReply(msgspec.Struct, frozen=True):
    """One job."""

    job: JobItem


class JobsReply(msgspec.Struct, frozen=True):
    """Jobs, newest first."""

    jobs: list[JobItem]


class LineItem(msgspec.Struct, frozen=True):
    """A line of a job's log."""

    number: int
    time: datetime
    line: str


class LogReply(msgspec.Struct, frozen=True):
    """Lines of a job's log."""

    lines: list[LineItem]


def job_item(job: Job) -> JobItem:
    """Show a job."""
    order, outcome = job.order, job.outcome
    return JobItem(
        id=str(job.id),
        model=order.model,
        state=job.state,
        mode=order.mode,
        activate=order.activate.value if order.activate is Activation.IF_BETTER else order.activate is Activation.YES,
        caller=job.caller,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        position=job.position,
        attempts=job.attempts,
        progress=msgspec.convert(job.progress, ProgressItem, from_attributes=True) if job.progress else None,
        version=outcome.version if outcome else None,
        active=outcome.is_active if outcome else False,
        metrics={name: dict(figures) if figures else None for name, figures in outcome.metrics.items()}
        if outcome
        else {},
        notes=list(outcome.notes) if outcome else [],
        regressions=list(outcome.regressions) if outcome else [],
        warnings=list(job.warnings),
        error=ItemError(job.code or "failed", job.problem) if job.problem else None,
    )
