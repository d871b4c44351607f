"""
What a trainer does, in a process of its own: train and publish, once however often it is begun, then activate.

Where a version of the job is there already, an attempt before this one was lost after it had published: that one is
brought to its end, and nothing is trained again.
"""

import errno
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import sleep
from typing import Final, Protocol

from ..domain.error_code import code_of
from ..domain.errors import ParleyError
from ..domain.job import Claim, Job, JobOutcome, JobProgress
from ..domain.job_errors import ClaimLostError
from ..domain.storage_errors import StorageUnavailableError
from .events import Event, Failed, Finished, Progressed, Published, Said
from .table import TrainersTable

_ASKS_AGAIN_S: Final = 1.0
_ASKS: Final = 30
_NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
    try:
        tell(_run(claim, table, steps, tell))
    except BrokenPipeError:  # the runner is gone, and takes this process along
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, the job ends with a sentence
        tell(_failed(error))
        return False
    return True


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

    tell(Said(f"training {job.order.model}, {job.order.mode}, attempt {job.attempts}"))
    outcome = steps.train(JobContext(job, snapshot, on_progress, lambda: _refuse_unless_held(claim, table)))
    tell(Said(f"version {outcome.version} is published"))
    return outcome


def _refuse_unless_held(claim: Claim, table: TrainersTable) -> None:
    """Raise where the job was given to somebody else; ask again for a while where the database is away."""
    for asked in range(_ASKS):
        try:
            if not table.holds(claim):
                raise ClaimLostError(claim.job)
        except StorageUnavailableError:
            if asked + 1 == _ASKS:
                raise
            sleep(_ASKS_AGAIN_S)
        else:
            return


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


def _failed(error: Exception) -> Failed:
    """Say what went wrong; of what was not foreseen only where, because an exception may quote what people typed."""
    reason = error if isinstance(error, OSError) else error.__cause__
    if isinstance(reason, OSError) and reason.errno in _NO_SPACE:
        return Failed("there is no space left for the model", "no_space")
    if isinstance(error, MemoryError):
        return Failed("there is not enough memory", "out_of_memory")
    if isinstance(error, ParleyError):
        return Failed(str(error), code_of(type(error)), isinstance(error, StorageUnavailableError))
    *_, last = traceback.extract_tb(error.__traceback__) or [None]
    place = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    return Failed(f"something went wrong here: {type(error).__name__}{place}", "internal")
