"""
Lines that a job answers, and what it answered: in pieces, so that nobody has all of them in memory.

What it was given is deleted when it ends, and so is what it answered, unless it succeeded. Answers are written under
the claim of who runs the job: whoever was taken for lost adds nothing to those of another attempt.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Update, delete, insert, select, text, update
from sqlalchemy.engine import Connection, Engine

from ..domain.job import Claim, JobState
from .database_faults import told_faults
from .engine import WRITES
from .job_log import database_time
from .tables import JOB_PIECES, JOBS

Side = Literal["in", "out"]

_RUNNING: Final = JOBS.c.state == JobState.RUNNING.value
_AT_ONCE: Final = 32
_TURN: Final = 7_206_157_205_119_002
"""Of PostgreSQL's advisory locks: whoever queues, claims and takes up jobs does so one after the other."""
_HOLDS_NOBODY_UP: Final = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL lock_timeout = '10s'"


class JobPieces:
    """
    Pieces of jobs; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**WRITES)

    def piece(self, job: UUID, side: Side, number: int) -> bytes | None:
        """Give a piece of what a job was given, or of what it answered; they count from 0. None: there is none."""
        with told_faults(self.engine), self.engine.begin() as connection:
            query = select(JOB_PIECES.c.content).where(_of(job, side), JOB_PIECES.c.number == number)
            return connection.scalar(query)

    def result_piece(self, job: UUID, number: int) -> bytes | None:
        """Give a piece of what a job answered, where it is still to be kept."""
        with told_faults(self.engine), self.engine.begin() as connection:
            kept = select(JOBS.c.id).where(JOBS.c.id == job, JOBS.c.result_until > database_time(connection))
            query = select(JOB_PIECES.c.content).where(
                _of(job, "out"), JOB_PIECES.c.number == number, JOB_PIECES.c.job.in_(kept)
            )
            return connection.scalar(query)

    def begin_result(self, claim: Claim) -> bool:
        """Forget what an attempt before has answered, and say whether the claim still holds."""
        with told_faults(self.engine):
            while True:
                with self._change() as connection:
                    if not _lock(connection, claim):
                        return False
                    if not _forget_some(connection, claim.job):
                        return True

    def append_result(self, claim: Claim, number: int, content: bytes) -> bool:
        """Keep a piece of what was answered, once, and say whether the claim still holds."""
        with told_faults(self.engine), self._change() as connection:
            if not _lock(connection, claim):
                return False
            # whoever could not hear that it was written writes it again
            connection.execute(delete(JOB_PIECES).where(_of(claim.job, "out"), JOB_PIECES.c.number == number))
            row = {"job": claim.job, "side": "out", "number": number, "content": content}
            connection.execute(insert(JOB_PIECES).values(row))
            return True

    def forget_result(self, job: UUID) -> None:
        """Delete what a job has answered: at once nobody is told it any more, then it goes some pieces at a time."""
        with told_faults(self.engine):
            with self._change() as connection:
                _keep_until(connection, job, database_time(connection))
            self._forget_expired(job)

    def forget_expired(self) -> int:
        """Delete answers that have been kept for long enough, and say of how many jobs."""
        with told_faults(self.engine):
            with self.engine.begin() as connection:  # nobody waits where there is nothing to do
                query = select(JOBS.c.id).where(JOBS.c.result_until <= database_time(connection))
                expired = list(connection.scalars(query))
            for job in expired:
                self._forget_expired(job)
            return len(expired)

    def close(self) -> None:
        """Give back what connections are held."""
        self.engine.dispose()

    def _forget_expired(self, job: UUID) -> None:
        """Delete it so that nobody who writes waits for long; whoever is killed meanwhile leaves it expired."""
        is_left = True
        while is_left:
            with self._change() as connection:
                is_left = _forget_some(connection, job)
        with self._change() as connection:
            _keep_until(connection, job, None)

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """Change the queue while nobody else does: SQLite has one writer anyway."""
        with self._change() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _TURN})
            yield connection

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """Change something, and hold nobody up for long: a process may be frozen at any point."""
        with self._writing.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(_HOLDS_NOBODY_UP))
            yield connection


def put_pieces(connection: Connection, job: UUID, pieces: Iterable[bytes]) -> None:
    """Keep what a job is given."""
    for number, content in enumerate(pieces):
        row = {"job": job, "side": "in", "number": number, "content": content}
        connection.execute(insert(JOB_PIECES).values(row))


def forget_pieces(connection: Connection, job: UUID, *, keeps_result: bool = False) -> None:
    """Delete what a job was given, which has ended, and what it answered unless that is kept."""
    connection.execute(delete(JOB_PIECES).where(_of(job, "in") if keeps_result else JOB_PIECES.c.job == job))


def is_held(claim: Claim) -> ColumnElement[bool]:
    """Say whether a claim is the last one of a job that runs."""
    return (JOBS.c.id == claim.job) & (JOBS.c.claim == claim.number) & _RUNNING


def under(claim: Claim) -> Update:
    """Change a job under a claim."""
    return update(JOBS).where(is_held(claim))


def _lock(connection: Connection, claim: Claim) -> bool:
    """Hold a job as it is until the transaction ends, and say whether the claim still holds."""
    return connection.execute(under(claim).values(claim=claim.number)).rowcount == 1


def _forget_some(connection: Connection, job: UUID) -> bool:
    """Delete some of what was answered, and say whether there was any."""
    numbers = connection.scalars(select(JOB_PIECES.c.number).where(_of(job, "out")).limit(_AT_ONCE)).all()
    connection.execute(delete(JOB_PIECES).where(_of(job, "out"), JOB_PIECES.c.number.in_(numbers)))
    return bool(numbers)


def _keep_until(connection: Connection, job: UUID, time: datetime | None) -> None:
    connection.execute(update(JOBS).where(JOBS.c.id == job).values(result_until=time))


def _of(job: UUID, side: Side) -> ColumnElement[bool]:
    return (JOB_PIECES.c.job == job) & (JOB_PIECES.c.side == side)
