"""
A training, or a file of lines to be answered, as somebody ordered it, and what became of it.

    queued -> running -> succeeded | failed | cancelled | refused
                 |
                 `-> queued, where whoever ran it was lost or had to stop

Times are UTC. `id` is a time id (time_ids.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias
from uuid import UUID


class JobKind(StrEnum):
    """What is done."""

    TRAIN = "train"
    PREDICT = "predict"
    """The lines of a file are answered."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    """A version was published, and whether it answers is in the outcome; or all lines were answered."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """A version was published and the gate did not let it answer."""


ENDED: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.REFUSED})


class TrainingMode(StrEnum):
    """What a training begins with."""

    FULL = "full"
    """With nothing, on all examples of the draft."""
    INCREMENTAL = "incremental"
    """With the weights of the active version, on what was added and a rehearsal of what it knows."""


class Activation(StrEnum):
    """Whether the version that a training makes is to answer; the gate has its say whenever it is."""

    YES = "true"
    NO = "false"
    IF_BETTER = "if_better"
    """Only where it does better on the frozen test set than the version that answers now."""


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """What is to be trained, settled before it is queued."""

    kind: ClassVar = JobKind.TRAIN

    model: str
    config: Mapping[str, Any]
    """The model's configuration, complete, as plain values."""
    mode: TrainingMode = TrainingMode.FULL
    activate: Activation = Activation.YES
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """Lines that are to be answered; the file itself is kept beside."""

    kind: ClassVar = JobKind.PREDICT

    model: str
    reference: str
    """As it was asked for: `name`, `name@7` or `name@alias`."""
    n_lines: int
    top_k: int = 3


Order: TypeAlias = TrainingOrder | BatchOrder


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job has come; what is None is not known yet. `eta_s` assumes that every epoch allowed is needed."""

    stage: str
    epoch: int | None = None
    n_epochs: int | None = None
    loss: float | None = None
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    eta_s: float | None = None
    line: int | None = None
    """The last one that was answered."""
    n_lines: int | None = None


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What a job came to, as far as it came."""

    version: int | None = None
    """That was published, or that answered all lines."""
    is_active: bool = False
    """Whether the version answered when the job ended."""
    metrics: Mapping[str, Mapping[str, float] | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What was found and decided on the way: what was gained and forgotten, why it does not answer."""
    regressions: tuple[str, ...] = ()
    """What the gate found to be worse, a sentence each."""
    n_answered: int | None = None
    """Lines; None of a training."""
    n_failed: int | None = None
    """Lines that have an error in the place of an answer."""


@dataclass(frozen=True, slots=True)
class Job:
    """An order and what became of it."""

    id: UUID
    order: Order
    caller: str
    state: JobState
    created_at: datetime
    started_at: datetime | None = None
    """Of the last attempt."""
    ended_at: datetime | None = None
    attempts: int = 0
    progress: JobProgress | None = None
    outcome: JobOutcome | None = None
    problem: str | None = None
    """Why it failed or was refused, or why it had to be taken up again."""
    code: str | None = None
    """The problem in a word, as errors have them."""
    warnings: tuple[str, ...] = ()
    """What the checks found in its data."""
    position: int | None = None
    """How many are run before it, while it is queued."""
    is_to_be_cancelled: bool = False
    result_until: datetime | None = None
    """How long the answered lines are kept; None: there are none, or no more."""

    @property
    def training(self) -> TrainingOrder:
        """The order, of a job of that kind."""
        if not isinstance(self.order, TrainingOrder):
            raise TypeError(f"job {self.id} is no training")
        return self.order


@dataclass(frozen=True, slots=True)
class JobLine:
    """A line of a job's log; numbers count from 1."""

    number: int
    time: datetime
    line: str


@dataclass(frozen=True, slots=True)
class Claim:
    """
    The right to run a job; claims of a job are counted.

    Whoever holds another one than the last may change nothing any more: it was taken for lost, and the job was given
    to somebody else.
    """

    job: UUID
    number: int


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is to be run now."""

    job: Job
    claim: Claim


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends."""

    state: JobState
    outcome: JobOutcome | None = None
    problem: str | None = None
    code: str | None = None


class Pulse(NamedTuple):
    """What a runner is told when it says that it lives."""

    holds: bool
    """Whether its claim still is the job's last one."""
    is_to_be_cancelled: bool = False
