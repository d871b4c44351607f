"""
Jobs that were ordered: queued, looked at, waited for and cancelled. Runners run them (`jobs/`).

The table of the database is what counts. A bell only tells runners to look at it now; where it does not ring, they look
a little later.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

from ..domain.audit import Deed
from ..domain.errors import InvalidRequestError
from ..domain.job import ENDED, BatchOrder, Job, JobKind, JobLine, JobState, Order, TrainingOrder
from ..domain.job_errors import JobEndedError, JobNotFoundError
from .audit import AuditLog
from .opened_once import OpenedOnce

_LOOKS_EVERY_S: Final = 0.05
_THEN_EVERY_S: Final = 0.5


class JobTable(Protocol):
    """What jobs are kept in; each method may raise StorageUnavailableError."""

    def prepare(self) -> bool: ...  # noqa: D102 - see storage/job_store.py
    def add(  # noqa: D102, PLR0913
        self,
        order: Order,
        caller: str,
        snapshot: bytes | None,
        warnings: Sequence[str] = (),
        idempotency_key: str | None = None,
        *,
        max_queued: int,
        pieces: Iterable[bytes] = (),
    ) -> tuple[Job, bool]: ...
    def get(self, job: UUID) -> Job | None: ...  # noqa: D102
    def page(  # noqa: D102, PLR0913
        self,
        *,
        model: str | None = None,
        state: JobState | None = None,
        limit: int = 50,
        before: UUID | None = None,
        models: Collection[str] | None = None,
        kind: JobKind | None = None,
        batches_of: str | None = None,
    ) -> list[Job]: ...
    def lines(self, job: UUID, after: int = 0, limit: int = 500) -> list[JobLine]: ...  # noqa: D102
    def cancel(self, job: UUID) -> Job | None: ...  # noqa: D102
    def result_piece(self, job: UUID, number: int) -> bytes | None: ...  # noqa: D102
    def forget_result(self, job: UUID) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def ring_nothing(_: UUID) -> None:
    """Tell nobody: runners look at the table by themselves."""


class Jobs:
    """
    The queue as callers see it; safe to share between threads. Every method asks the database.

    Every method raises StorageUnavailableError where it cannot be used.
    """

    def __init__(
        self,
        open_table: Callable[[], JobTable],
        *,
        max_queued: int,
        ring: Callable[[UUID], None] = ring_nothing,
        audit: AuditLog | None = None,
    ) -> None:
        """
        Connect to nothing yet.

        Args:
            open_table: opens the table, when it is first needed.
            max_queued: more than these are not kept waiting.
            ring: tells runners that a job was queued; it neither fails nor takes long.
            audit: where it is kept who trained and cancelled.
        """
        self._table = OpenedOnce(open_table)
        self._max_queued, self._ring, self._audit = max_queued, ring, audit

    def submit(
        self,
        order: TrainingOrder,
        caller: str,
        snapshot: bytes,
        warnings: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> tuple[Job, bool]:
        """
        Queue a training, and say whether it is new.

        The same key of the same caller gives the same job back, whatever else is sent with it.

        Args:
            order: what is to be trained.
            caller: who wants it.
            snapshot: a dataset as data/snapshot.py writes it; kept until the job has ended.
            warnings: what the checks found.
            idempotency_key: chosen by the caller, so that sending twice trains once.

        Raises:
            QueueFullError: too many wait already.
        """
        job, is_new = self._table().add(order, caller, snapshot, warnings, idempotency_key, max_queued=self._max_queued)
        if is_new:
            if self._audit is not None:
                self._audit.record(caller, Deed.TRAIN, model=order.model, details={"job": str(job.id)})
            self._ring(job.id)
        return job, is_new

    def submit_batch(
        self, order: BatchOrder, caller: str, pieces: Iterable[bytes], idempotency_key: str | None = None
    ) -> Job:
        """
        Queue a file of lines; as `submit` otherwise.

        Args:
            order: how it is to be answered.
            caller: who wants it.
            pieces: the file as data/packed.py writes it; kept until the job has ended.
            idempotency_key: chosen by the caller, so that sending twice answers once.

        Raises:
            QueueFullError: too many wait already.
        """
        job, is_new = self._table().add(
            order, caller, None, (), idempotency_key, max_queued=self._max_queued, pieces=pieces
        )
        if is_new:
            self._ring(job.id)
        return job

    def get(self, job_id: str) -> Job:
        """
        Give a job as it stands.

        Raises:
            JobNotFoundError: there is none of that id.
        """
        job = self._table().get(_id_of(job_id))
        if job is None:
            raise JobNotFoundError(job_id)
        return job

    def page(  # noqa: PLR0913 - what a list can be asked for
        self,
        *,
        model: str | None = None,
        state: JobState | None = None,
        limit: int = 50,
        before: str | None = None,
        models: Collection[str] | None = None,
        kind: JobKind | None = None,
        batches_of: str | None = None,
    ) -> list[Job]:
        """
        Give the newest jobs, newest first.

        Args:
            model: only of this one.
            state: only those.
            limit: that many at the most.
            before: the id of the last job of the page before.
            models: only of these; None: of all.
            kind: only those.
            batches_of: of batches only those of this caller; None: of all.

        Raises:
            InvalidRequestError: `before` is no id.
        """
        try:
            last = None if before is None else UUID(before)
        except ValueError:
            raise InvalidRequestError("this is no id of a job", field="before") from None
        return self._table().page(
            model=model, state=state, limit=limit, before=last, models=models, kind=kind, batches_of=batches_of
        )

    def lines(self, job_id: str, after: int = 0, limit: int = 500) -> list[JobLine]:
        """
        Give the lines of a job's log that follow line number `after`.

        Raises:
            JobNotFoundError: there is no job of that id.
        """
        lines = self._table().lines(_id_of(job_id), after, limit)
        if not lines:
            self.get(job_id)
        return lines

    def cancel(self, job_id: str, caller: str) -> Job:
        """
        End a queued job at once, or have a running one ended by its runner, which takes seconds.

        One that was cancelled already is given as it stands, and of a batch that has ended the answers are deleted.

        Raises:
            JobNotFoundError: there is no job of that id.
            JobEndedError: it has ended otherwise.
        """
        before = self.get(job_id)
        if before.state in ENDED and before.order.kind is JobKind.PREDICT:
            self._table().forget_result(before.id)
            return self.get(job_id)
        job = before if before.state in ENDED else self._table().cancel(before.id)
        if job is None:
            raise JobNotFoundError(job_id)
        if job.state in ENDED and job.state is not JobState.CANCELLED:
            raise JobEndedError(job.id, job.state)
        if before.state not in ENDED and not before.is_to_be_cancelled and self._audit is not None:
            self._audit.record(caller, Deed.CANCEL, model=job.order.model, details={"job": str(job.id)})
        return job

    def result_piece(self, job: Job, number: int) -> bytes | None:
        """Give a piece of what a batch has answered, as data/packed.py writes them; None where there is none."""
        return self._table().result_piece(job.id, number)

    def wait(self, job_id: str, within_s: float) -> Job:
        """
        Give a job when it has ended, or as it stands after so many seconds.

        Raises:
            JobNotFoundError: there is no job of that id.
        """
        until, pause_s = time.monotonic() + within_s, _LOOKS_EVERY_S
        while True:
            job = self.get(job_id)
            left_s = until - time.monotonic()
            if job.state in ENDED or left_s <= 0:
                return job
            time.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, _THEN_EVERY_S)

    def close(self) -> None:
        """Give back what connections are held."""
        self._table.close()


def _id_of(job_id: str) -> UUID:
    try:
        return UUID(job_id)
    except ValueError:
        raise JobNotFoundError(job_id) from None
