"""A job as clients see it."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ...domain.errors import InvalidRequestError
from ...domain.job import Activation, Job, JobKind, JobState, TrainingMode, TrainingOrder
from ..errors import ItemError
from ..operation import Answer, Call

_KEY_AT_MOST: Final = 200


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
    line: Annotated[int | None, Meta(description="Of a batch, the last line that was answered.")]
    n_lines: int | None


class JobItem(msgspec.Struct, frozen=True, kw_only=True):
    """A training or a batch, and what became of it."""

    id: str
    kind: Annotated[JobKind, Meta(description="`train`, or `predict` where the lines of a file are answered.")]
    model: str
    state: JobState
    mode: Annotated[TrainingMode | None, Meta(description="Of a training.")]
    activate: Annotated[bool | str | None, Meta(description="Of a training.")]
    caller: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    position: Annotated[int | None, Meta(description="How many are run before it; null once it has begun.")]
    attempts: int
    progress: ProgressItem | None
    version: Annotated[
        int | None, Meta(description="The version that was published, or that answered all lines; null: none.")
    ]
    active: Annotated[bool, Meta(description="Whether that version answered when the job ended.")]
    metrics: dict[str, dict[str, float] | None]
    notes: Annotated[list[str], Meta(description="What was gained and forgotten, and what was decided.")]
    regressions: Annotated[list[str], Meta(description="What the gate found to be worse.")]
    warnings: Annotated[list[str], Meta(description="What the checks found in the examples.")]
    answered: Annotated[int | None, Meta(description="Of a batch, how many lines were answered.")]
    failed: Annotated[int | None, Meta(description="Of a batch, how many lines have an error instead.")]
    result_until: Annotated[
        datetime | None, Meta(description="Until when the answers of a batch are kept; null: there are none.")
    ]
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
    training = order if isinstance(order, TrainingOrder) else None
    return JobItem(
        id=str(job.id),
        kind=order.kind,
        model=order.model,
        state=job.state,
        mode=training.mode if training else None,
        activate=_activation(training.activate) if training else None,
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
        answered=outcome.n_answered if outcome else None,
        failed=outcome.n_failed if outcome else None,
        result_until=job.result_until,
        error=ItemError(job.code or "failed", job.problem) if job.problem else None,
    )


def accepted(job: Job) -> Answer:
    """Tell whoever ordered a job that it is queued, and where it is."""
    return Answer(JobReply(job_item(job)), status=202, headers=(("Location", f"/jobs/{job.id}"),))


def idempotency_key_of(call: Call) -> str | None:
    """
    Give the key that a caller has chosen for an order.

    Raises:
        InvalidRequestError: it is none.
    """
    key = call.header("idempotency-key")
    if key is not None and not (0 < len(key) <= _KEY_AT_MOST and key.isprintable()):
        raise InvalidRequestError(f"Idempotency-Key: expected 1 to {_KEY_AT_MOST} characters", field="Idempotency-Key")
    return key


def _activation(wanted: Activation) -> bool | str:
    return wanted.value if wanted is Activation.IF_BETTER else wanted is Activation.YES
