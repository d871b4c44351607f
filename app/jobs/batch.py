"""
What a process does that answers the lines of a file: one version answers all of them, and each is answered once.

Whatever an attempt before has answered is forgotten first: it may have been another version, and nobody knows how far
it came.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID

from ..domain.job import BatchOrder, Claim, Job, JobOutcome, JobProgress
from ..domain.job_errors import ClaimLostError
from .events import Event, Finished, Progressed, Said
from .last_word import asked_patiently, told_to_the_end

_TELLS_EVERY_S: Final = 0.25


class BatchTable(Protocol):
    """What it asks and writes; each method may raise StorageUnavailableError."""

    def get(self, job: UUID) -> Job | None: ...  # noqa: D102
    def piece(self, job: UUID, side: Literal["in", "out"], number: int) -> bytes | None: ...  # noqa: D102
    def begin_result(self, claim: Claim) -> bool: ...  # noqa: D102
    def append_result(self, claim: Claim, number: int, content: bytes) -> bool: ...  # noqa: D102


class AnsweredPart(NamedTuple):
    """What was answered since the part before: pieces to be kept, and how many lines."""

    pieces: tuple[bytes, ...]
    n_answered: int
    n_failed: int


class LoadedBatch(NamedTuple):
    """A version that is ready, and how it answers the pieces of a file."""

    version: int
    answer: Callable[[Iterable[bytes]], Iterator[AnsweredPart]]


def run_batch(
    claim: Claim,
    table: BatchTable,
    load: Callable[[BatchOrder], LoadedBatch],
    tell: Callable[[Event], None],
) -> bool:
    """Do all that a job needs, tell what comes of it, and say whether it came to its end."""
    return told_to_the_end(lambda: _run(claim, table, load, tell), tell)


def _run(
    claim: Claim, table: BatchTable, load: Callable[[BatchOrder], LoadedBatch], tell: Callable[[Event], None]
) -> Finished:
    job = table.get(claim.job)
    if job is None or not isinstance(job.order, BatchOrder) or not asked_patiently(lambda: table.begin_result(claim)):
        raise ClaimLostError(claim.job)
    tell(Progressed(JobProgress("loading", line=0, n_lines=job.order.n_lines)))
    loaded = load(job.order)
    tell(Said(f"version {loaded.version} of {job.order.model} answers {job.order.n_lines:,} lines"))
    n_pieces = n_answered = n_failed = 0
    progress = _Progress(job.order.n_lines, tell)
    for part in loaded.answer(_input(job.id, table)):
        for piece in part.pieces:
            _keep(claim, table, n_pieces, piece)
            n_pieces += 1
        n_answered += part.n_answered
        n_failed += part.n_failed
        progress.told(n_answered + n_failed)
    if n_answered + n_failed != job.order.n_lines:  # its input is deleted: it has ended otherwise
        raise ClaimLostError(claim.job)
    tell(Said(f"{n_answered:,} lines are answered, {n_failed:,} are not"))
    return Finished(JobOutcome(loaded.version, n_answered=n_answered, n_failed=n_failed))


def _input(job: UUID, table: BatchTable) -> Iterator[bytes]:
    number = 0
    while (piece := asked_patiently(lambda: table.piece(job, "in", number))) is not None:  # noqa: B023 - asked at once
        yield piece
        number += 1


def _keep(claim: Claim, table: BatchTable, number: int, piece: bytes) -> None:
    if not asked_patiently(lambda: table.append_result(claim, number, piece)):
        raise ClaimLostError(claim.job)


class _Progress:
    """Tells how far it came, now and then."""

    def __init__(self, n_lines: int, tell: Callable[[Event], None]) -> None:
        self._n_lines, self._tell = n_lines, tell
        self._began_at = self._told_at = time.monotonic()

    def told(self, line: int) -> None:
        """Tell it, unless that was just done."""
        now = time.monotonic()
        if now - self._told_at < _TELLS_EVERY_S and line < self._n_lines:
            return
        self._told_at = now
        eta_s = (now - self._began_at) / line * (self._n_lines - line)
        self._tell(Progressed(JobProgress("answering", eta_s=round(eta_s, 1), line=line, n_lines=self._n_lines)))
