"""
What a trainer does, in a process of its own: train and publish, once however often it is begun, then activate.

Where a version of the job is there already, an attempt before this one was lost after it had published: that one is
brought to its end, and nothing is trained again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..domain.job import Claim, Job, JobOutcome, JobProgress
from ..domain.job_errors import ClaimLostError
from .events import Event, Finished, Progressed, Published, Said
from .last_word import asked_patiently, told_to_the_end
from .table import TrainersTable


@dataclass(frozen=True, slots=True)
class Activated:
    """Whether a version answers now, and what was found by asking that."""

    is_active: bool
    notes: tuple[str, ...] = ()
    regressions: tuple[str, ...] = ()
    """What is worse than before; where there is any, the version was refused."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What the steps of a training are given beside its order."""

    job: Job
    snapshot: bytes
    on_progress: Callable[[JobProgress], None]
    allowed: Callable[[], None] = field(repr=False)
    """To be called under the model's lock, just before a version is committed; raises where it must not be."""


class TrainerSteps(Protocol):
    """How a model is trained, published and activated; each may raise a ParleyError, which ends the job."""

    def published(self, job: Job) -> JobOutcome | None:
        """Give what an attempt before this one has published for the job."""

    def train(self, context: JobContext) -> JobOutcome:
        """Train and publish a version that does not answer yet."""

    def activate(self, job: Job, outcome: JobOutcome) -> Activated:
        """Let the version answer, where that was ordered and it is good enough."""


def run_job(claim: Claim, table: TrainersTable, steps: TrainerSteps, tell: Callable[[Event], None]) -> bool:
    """Do all that a job needs, tell what comes of it, and say whether it came to its end."""
    return told_to_the_end(lambda: _run(claim, table, steps, tell), tell)


def _run(claim: Claim, table: TrainersTable, steps: TrainerSteps, tell: Callable[[Event], None]) -> Finished:
    job = table.get(claim.job)
    if job is None or not table.holds(claim):
        raise ClaimLostError(claim.job)
    outcome = steps.published(job)
    if outcome is None:
        outcome = _train(job, claim, table, steps, tell)
    else:
        tell(Said(f"version {outcome.version} was published by an attempt before this one"))
    tell(Published(outcome))
    tell(Progressed(JobProgress("activating")))
    activated = steps.activate(job, outcome)
    is_refused = bool(activated.regressions) and not activated.is_active
    outcome = replace(
        outcome,
        is_active=activated.is_active,
        notes=(*outcome.notes, *activated.notes),
        regressions=activated.regressions,
    )
    tell(Said(_verdict(outcome, is_refused=is_refused)))
    return Finished(outcome, is_refused)


def _train(
    job: Job, claim: Claim, table: TrainersTable, steps: TrainerSteps, tell: Callable[[Event], None]
) -> JobOutcome:
    snapshot = table.snapshot(job.id)
    if snapshot is None:
        raise ClaimLostError(job.id)

    def on_progress(progress: JobProgress) -> None:
        tell(Progressed(progress))
        if (line := _line_of(progress)) is not None:
            tell(Said(line))

    tell(Said(f"training {job.order.model}, {job.training.mode}, attempt {job.attempts}"))
    outcome = steps.train(JobContext(job, snapshot, on_progress, lambda: _refuse_unless_held(claim, table)))
    tell(Said(f"version {outcome.version} is published"))
    return outcome


def _refuse_unless_held(claim: Claim, table: TrainersTable) -> None:
    """Raise where the job was given to somebody else; ask again for a while where the database is away."""
    if not asked_patiently(lambda: table.holds(claim)):
        raise ClaimLostError(claim.job)


def _line_of(progress: JobProgress) -> str | None:
    if progress.epoch is None:
        return None
    figures = [("loss", progress.loss), ("accuracy", progress.accuracy), ("validation", progress.validation_accuracy)]
    told = "".join(f", {name} {value:.4f}" for name, value in figures if value is not None)
    return f"{progress.stage}: epoch {progress.epoch} of {progress.n_epochs}{told}"


def _verdict(outcome: JobOutcome, *, is_refused: bool) -> str:
    if is_refused:
        return f"version {outcome.version} is refused: {len(outcome.regressions)} things are worse than before"
    return f"version {outcome.version} {'answers' if outcome.is_active else 'does not answer'}"
