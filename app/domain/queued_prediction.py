"""
A prediction that was asked for in writing: put into a queue, answered when it is its turn, and fetched by its id.

    queued -> running -> succeeded | failed
                 |
                 `-> queued, where whoever worked on it had to stop

Whose work on it was lost is taken over by another, once. Times are UTC. `id` is random: who knows it has been told it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from .errors import ParleyError


class PredictionState(StrEnum):
    """Where a prediction stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The result is an error."""


ANSWERED: Final = frozenset({PredictionState.SUCCEEDED, PredictionState.FAILED})
CLAIMS_AT_MOST: Final = 2
"""What was lost that often has ended those who worked on it, and is not tried again."""
UNANSWERED_FOR: Final = timedelta(days=1)
"""What has no answer by then is forgotten."""


@dataclass(frozen=True, slots=True)
class QueuedPrediction:
    """What its caller is told."""

    id: UUID
    caller: str
    state: PredictionState
    queued_at: datetime
    answered_at: datetime | None = None
    expires_at: datetime | None = None
    """When it is forgotten; None while it has no answer."""
    result: bytes | None = None
    """The body of the reply that was asked for, as JSON."""
    unreadable: ParleyError | None = None
    """Why there is a result that cannot be given here."""


class Asked(NamedTuple):
    """What is put into the queue."""

    id: UUID
    caller: str
    request_id: str
    question: bytes
    """The body of the request, as JSON."""


class Claimed(NamedTuple):
    """A prediction that is to be made now, by whoever has claimed it."""

    asked: Asked
    n_claims: int
    """This one among them."""
    unreadable: ParleyError | None = None
    """Why nobody can answer it."""


class Claims(NamedTuple):
    """What is to be done now."""

    taken: tuple[Claimed, ...]
    n_waiting: int
    """Of all that nobody has claimed, these ones not among them."""


class Result(NamedTuple):
    """What became of a prediction."""

    id: UUID
    is_success: bool
    body: bytes
