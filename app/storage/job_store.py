"""
Jobs in the database: the one truth about what is queued, who runs it, and what became of it.

What a runner writes is written under its claim, in the transaction that looks whether the claim still holds. So whoever
was taken for lost changes nothing any more, however late it wakes.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, insert, or_, select, update
from sqlalchemy.engine import Connection, Engine, Row

from ..domain.job import (
    Claim,
    ClaimedJob,
    Ending,
    Job,
    JobKind,
    JobLine,
    JobProgress,
    JobState,
    Order,
    Pulse,
)
from ..domain.job_errors import QueueFullError
from ..domain.time_ids import new_time_id
from .database_faults import told_faults
from .job_log import append_lines, database_time
from .job_pieces import JobPieces, forget_pieces, is_held, put_pieces, under
from .job_rows import COLUMNS, ending_values, job_of, new_row, plain, requeued_values, utc
from .migration import migrate
from .tables import JOB_LINES, JOBS

_RUNNING: Final = JOBS.c.state == JobState.RUNNING.value
_QUEUED: Final = JOBS.c.state == JobState.QUEUED.value
_RESULT_KEPT: Final = timedelta(days=1)


class JobStore(JobPieces):
    """
    Jobs; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine, result_kept: timedelta = _RESULT_KEPT) -> None:
        """`result_kept` is how long answers are kept after the end of their job."""
        super().__init__(engine)
        self._result_kept = result_kept

    def prepare(self) -> bool:
        """Make or change the tables where they are not as they should be, and say whether that was so."""
        return migrate(self.engine)

    def add(  # noqa: PLR0913 - what a row is made of
        self,
        order: Order,
        caller: str,
        snapshot: bytes | None,
        warnings: Sequence[str] = (),
        idempotency_key: str | None = None,
        *,
        max_queued: int,
        pieces: Iterable[bytes] = (),
    ) -> tuple[Job, bool]:
        """
        Queue a job, and say whether it is new: the same key of the same caller gives the same job back.

        A training learns from `snapshot`, and what a batch answers is in `pieces`.

        Raises:
            QueueFullError: that many wait already.
            RefusedEntryError: the database does not take one of the values.
        """
        with told_faults(self.engine), self._turn() as connection:
            known = (JOBS.c.caller == caller) & (JOBS.c.idempotency_key == idempotency_key)
            if idempotency_key is not None and (row := _row(connection, known)) is not None:
                return job_of(row, _positions(connection)), False
            n_queued = connection.scalar(select(func.count()).select_from(JOBS).where(_QUEUED)) or 0
            if n_queued >= max_queued:
                raise QueueFullError(n_queued)
            now = database_time(connection)
            job = Job(new_time_id(now), order, caller, JobState.QUEUED, now, warnings=tuple(warnings))
            connection.execute(insert(JOBS).values(new_row(job, snapshot, idempotency_key)))
            put_pieces(connection, job.id, pieces)
            return _job(connection, job.id), True

    def get(self, job: UUID) -> Job | None:
        """Give a job as it stands, with its position while it is queued."""
        with told_faults(self.engine), self.engine.begin() as connection:
            row = _row(connection, JOBS.c.id == job)
            return None if row is None else job_of(row, _positions(connection))

    def snapshot(self, job: UUID) -> bytes | None:
        """Give what a job learns from; None where it has ended or never was."""
        with told_faults(self.engine), self.engine.begin() as connection:
            return connection.scalar(select(JOBS.c.snapshot).where(JOBS.c.id == job))

    def page(  # noqa: PLR0913 - what a list can be asked for
        self,
        *,
        model: str | None = None,
        state: JobState | None = None,
        limit: int = 50,
        before: UUID | None = None,
        models: Collection[str] | None = None,
        kind: JobKind | None = None,
        batches_of: str | None = None,
    ) -> list[Job]:
        """
        Give the newest jobs, newest first; `before` is the last of the page before.

        Of `models` None means all, of `kind` both, and of `batches_of` the batches of all callers.
        """
        query = select(*COLUMNS).order_by(JOBS.c.id.desc()).limit(limit)
        if model is not None:
            query = query.where(JOBS.c.model == model)
        if models is not None:
            query = query.where(JOBS.c.model.in_(sorted(models)))
        if state is not None:
            query = query.where(JOBS.c.state == state.value)
        if before is not None:
            query = query.where(JOBS.c.id < before)
        if kind is not None:
            query = query.where(JOBS.c.kind == kind.value)
        if batches_of is not None:
            query = query.where(or_(JOBS.c.kind == JobKind.TRAIN.value, JOBS.c.caller == batches_of))
        with told_faults(self.engine), self.engine.begin() as connection:
            rows = connection.execute(query).all()
            positions = _positions(connection)
        return [job_of(row, positions) for row in rows]

    def lines(self, job: UUID, after: int = 0, limit: int = 500) -> list[JobLine]:
        """Give the lines of a job's log that follow line number `after`."""
        query = select(JOB_LINES).where(JOB_LINES.c.job == job, JOB_LINES.c.number > after)
        with told_faults(self.engine), self.engine.begin() as connection:
            rows = connection.execute(query.order_by(JOB_LINES.c.number).limit(limit)).all()
        return [JobLine(row.number, utc(row.time), row.line) for row in rows]

    def cancel(self, job: UUID) -> Job | None:
        """End a job that is queued, or have its runner end it; one that has ended stays as it is."""
        with told_faults(self.engine), self._turn() as connection:
            cancelled = ending_values(Ending(JobState.CANCELLED), database_time(connection))
            connection.execute(update(JOBS).where(JOBS.c.id == job, _QUEUED).values(**cancelled))
            connection.execute(update(JOBS).where(JOBS.c.id == job, _RUNNING).values(is_to_be_cancelled=True))
            row = _row(connection, JOBS.c.id == job)
            if row is not None and row.state == JobState.CANCELLED.value:
                forget_pieces(connection, job)
            return None if row is None else job_of(row, {})

    def claim(self, runner: str) -> ClaimedJob | None:
        """Take the oldest job, but no training of a model that is being trained; None where there is none."""
        with told_faults(self.engine):
            with self.engine.begin() as connection:  # nobody waits for a turn where there is nothing to do
                if connection.scalar(_next()) is None:
                    return None
            with self._turn() as connection:
                job = connection.scalar(_next())
                if job is None:
                    return None
                now = database_time(connection)
                claimed = update(JOBS).where(JOBS.c.id == job).values(
                    state=JobState.RUNNING.value,
                    claim=JOBS.c.claim + 1,
                    attempts=JOBS.c.attempts + 1,
                    runner=runner,
                    started_at=now,
                    heartbeat_at=now,
                    progress=None,
                )  # fmt: skip
                number = connection.execute(claimed.returning(JOBS.c.claim)).scalar_one()
                return ClaimedJob(_job(connection, job), Claim(job, number))

    def holds(self, claim: Claim) -> bool:
        """Say whether a claim still is its job's last one."""
        with told_faults(self.engine), self.engine.begin() as connection:
            return connection.scalar(select(JOBS.c.id).where(is_held(claim))) is not None

    def heartbeat(self, claim: Claim) -> Pulse:
        """Say that a job is being run, and learn whether it still is to be."""
        with told_faults(self.engine), self._change() as connection:
            beat = under(claim).values(heartbeat_at=database_time(connection)).returning(JOBS.c.is_to_be_cancelled)
            found = connection.execute(beat).one_or_none()
            return Pulse(found is not None, found is not None and bool(found[0]))

    def progress(self, claim: Claim, progress: JobProgress) -> bool:
        """Keep how far a job has come, and say whether the claim still holds."""
        with told_faults(self.engine), self._change() as connection:
            return connection.execute(under(claim).values(progress=plain(progress))).rowcount == 1

    def append_lines(self, claim: Claim, lines: Sequence[str]) -> bool:
        """Add to a job's log, and say whether the claim still holds; long lines are cut, and the log has an end."""
        with told_faults(self.engine), self._change() as connection:
            if connection.execute(under(claim).values(claim=claim.number)).rowcount != 1:  # locks the row
                return False
            append_lines(connection, claim.job, lines)
            return True

    def note(self, job: UUID, line: str) -> None:
        """Add to the log of a job that has ended, which nobody holds any more."""
        with told_faults(self.engine), self._change() as connection:
            append_lines(connection, job, [line])

    def end(self, claim: Claim, ending: Ending) -> bool:
        """End a job and forget what it was given; say whether the claim still held."""
        with told_faults(self.engine), self._change() as connection:
            now = database_time(connection)
            values = ending_values(ending, now)
            has_result = ending.state is JobState.SUCCEEDED
            if has_result:
                is_batch = JOBS.c.kind == JobKind.PREDICT.value
                values["result_until"] = case((is_batch, now + self._result_kept), else_=None)
            if connection.execute(under(claim).values(**values)).rowcount != 1:
                return False
            forget_pieces(connection, claim.job, keeps_result=has_result)
            return True

    def release(self, claim: Claim, problem: str | None = None, code: str | None = None, *, counts: bool) -> bool:
        """
        Put a job back into the queue, and say whether the claim still held.

        Args:
            claim: under which it was run.
            problem: why it has to be taken up again.
            code: the problem in a word.
            counts: whether it was an attempt of its own; not where its runner had to stop.
        """
        back = requeued_values(problem, code) | {"attempts": JOBS.c.attempts - int(not counts)}
        with told_faults(self.engine), self._turn() as connection:
            if _row(connection, is_held(claim) & JOBS.c.is_to_be_cancelled) is not None:
                back = ending_values(Ending(JobState.CANCELLED), database_time(connection))
                forget_pieces(connection, claim.job)
            return connection.execute(under(claim).values(**back)).rowcount == 1

    def take_up_stale(self, older_than: timedelta, *, max_attempts: int) -> list[Job]:
        """
        Take jobs from runners that have not been heard for that long, and give those jobs.

        A job that was to be cancelled is; one that was attempted that often has failed; others are queued again.
        """
        with told_faults(self.engine):
            with self.engine.begin() as connection:
                if not connection.execute(_stale(connection, older_than).limit(1)).all():
                    return []
            with self._turn() as connection:
                rows = connection.execute(_stale(connection, older_than).with_for_update()).all()
                for row in rows:
                    problem = f"its runner {row.runner} was lost"
                    append_lines(connection, row.id, [problem])
                    if row.is_to_be_cancelled:
                        values = ending_values(Ending(JobState.CANCELLED), database_time(connection))
                    elif row.attempts >= max_attempts:
                        failed = Ending(JobState.FAILED, None, f"{problem}, in attempt {row.attempts}", "runner_lost")
                        values = ending_values(failed, database_time(connection))
                    else:
                        values = requeued_values(problem, "runner_lost")
                    connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(**values))
                    if values["state"] != JobState.QUEUED.value:
                        forget_pieces(connection, row.id)
                return [_job(connection, row.id) for row in rows]


def _next() -> Select[UUID]:
    is_training = JOBS.c.kind == JobKind.TRAIN.value
    busy = select(JOBS.c.model).where(_RUNNING, is_training)
    can_begin = or_(~is_training, JOBS.c.model.not_in(busy))
    return select(JOBS.c.id).where(_QUEUED, can_begin).order_by(JOBS.c.id).limit(1)


def _stale(connection: Connection, older_than: timedelta) -> Select[Any]:
    return (
        select(*COLUMNS)
        .where(_RUNNING, JOBS.c.heartbeat_at < database_time(connection) - older_than)
        .order_by(JOBS.c.id)
    )


def _row(connection: Connection, which: ColumnElement[bool]) -> Row[Any] | None:
    return connection.execute(select(*COLUMNS).where(which)).one_or_none()


def _job(connection: Connection, job: UUID) -> Job:
    row = connection.execute(select(*COLUMNS).where(JOBS.c.id == job)).one()
    return job_of(row, _positions(connection))


def _positions(connection: Connection) -> dict[UUID, int]:
    queued = connection.execute(select(JOBS.c.id).where(_QUEUED).order_by(JOBS.c.id)).scalars()
    return {job: position for position, job in enumerate(queued)}
