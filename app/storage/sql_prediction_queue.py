"""
Predictions that wait for their turn, in the database.

A bell in this process wakes who listens when something is put in here; what other processes put in is found a little
later. Of a process one thread writes at a time where the database is a SQLite file: there is one writer anyway, and
those who wait in line for a lock of ours get their turn.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Engine, Row

from ..domain.load_errors import OverloadedError
from ..domain.queued_prediction import (
    UNANSWERED_FOR,
    Asked,
    Claimed,
    Claims,
    PredictionState,
    QueuedPrediction,
    Result,
)
from ..domain.storage_errors import StorageUnavailableError
from .database_faults import name_of
from .engine import BUSY_TIMEOUT_S
from .identity_rows import utc, utc_or_none
from .job_log import database_time
from .journal import empty_journal
from .migration import migrate
from .queue_tables import QUEUED_PREDICTIONS as PREDICTIONS
from .transactions import Transactions

_LISTENS_S: Final = 2.0
_SWEPT_AT_ONCE: Final = 1_000
_QUEUED: Final = PREDICTIONS.c.state == PredictionState.QUEUED.value
_RUNNING: Final = PREDICTIONS.c.state == PredictionState.RUNNING.value
_TOLD: Final = [PREDICTIONS.c[name] for name in ("id", "caller", "state", "queued_at", "answered_at", "expires_at", "result")]  # fmt: skip  # noqa: E501


class SqlPredictionQueue:
    """
    The queue; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._bell = threading.Event()
        self._is_to_be_emptied = True

    def prepare(self) -> bool:
        """Make or change the tables where they are not as they should be, and say whether that was so."""
        return migrate(self._transactions.engine)

    def put(self, asked: Asked, max_waiting: int) -> datetime:
        """
        Queue a prediction, and say when that was.

        Raises:
            OverloadedError: that many wait already.
            RefusedEntryError: the database does not take one of the values.
        """
        with self._writing() as connection:
            if _n_waiting(connection) >= max_waiting:
                raise OverloadedError
            now = database_time(connection)
            new = {
                **asked._asdict(),
                "state": PredictionState.QUEUED.value,
                "claims": 0,
                "queued_at": now,
                "expires_at": now + UNANSWERED_FOR,
            }
            connection.execute(insert(PREDICTIONS).values(new))
        self._bell.set()
        return now

    def get(self, prediction: UUID) -> QueuedPrediction | None:
        """Give a prediction as it stands; None where there is none, or none any more."""
        with self._transactions.reading() as connection:
            now = database_time(connection)
            there = (PREDICTIONS.c.id == prediction) & (PREDICTIONS.c.expires_at > now)
            row = connection.execute(select(*_TOLD).where(there)).one_or_none()
        return None if row is None else _told(row)

    def forget(self, prediction: UUID) -> None:
        """Keep nothing of a prediction; who makes it just now does so for nothing."""
        with self._writing() as connection:
            connection.execute(delete(PREDICTIONS).where(PREDICTIONS.c.id == prediction))
        self._is_to_be_emptied = True

    def claim(self, at_most: int, lease: timedelta) -> Claims:
        """
        Take what is to be done next, for so long: several that nobody has begun, or one alone that was lost.

        Where there is nothing to do, nothing is written.
        """
        with self._transactions.reading() as connection:
            n_waiting = _n_waiting(connection)
            if not n_waiting and connection.scalar(_lost(database_time(connection))) is None:
                return Claims((), 0)
        with self._writing() as connection:
            now = database_time(connection)
            ids = connection.scalars(_lost(now).with_for_update(skip_locked=True)).all()
            if not ids:
                oldest = select(PREDICTIONS.c.id).where(_QUEUED).order_by(PREDICTIONS.c.queued_at).limit(at_most)
                ids = connection.scalars(oldest.with_for_update(skip_locked=True)).all()
                n_waiting = max(0, n_waiting - len(ids)) if ids else 0
            taken = update(PREDICTIONS).where(PREDICTIONS.c.id.in_(ids)).values(
                state=PredictionState.RUNNING.value, claims=PREDICTIONS.c.claims + 1, claimed_until=now + lease
            )  # fmt: skip
            rows = connection.execute(taken.returning(PREDICTIONS)).all() if ids else []
        claimed = sorted((_claimed(row) for row in rows), key=lambda one: ids.index(one.asked.id))
        return Claims(tuple(claimed), n_waiting)

    def settle(self, results: Sequence[Result], keep_for: timedelta) -> list[Result]:
        """
        Keep results and forget what was asked; give those that are the first of their prediction, which alone count.

        Whose lease has run out may be first all the same.
        """
        with self._writing() as connection:
            now = database_time(connection)
            counted = [one for one in results if _settle(connection, one, now, now + keep_for)]
        self._is_to_be_emptied = True
        return counted

    def give_back(self, claims: Sequence[Claimed]) -> None:
        """Let others take what was claimed and not begun, as if it had not been claimed."""
        with self._writing() as connection:
            for one in claims:
                mine = _RUNNING & (PREDICTIONS.c.id == one.asked.id) & (PREDICTIONS.c.claims == one.n_claims)
                as_before = {"state": PredictionState.QUEUED.value, "claims": one.n_claims - 1, "claimed_until": None}
                connection.execute(update(PREDICTIONS).where(mine).values(as_before))

    def sweep(self) -> int:
        """
        Delete what is kept no longer, and say how much that was; where there is nothing, nothing is written.

        What was deleted is then in no journal any more, or after one of the next times.
        """
        n_deleted = self._delete_expired()
        self._is_to_be_emptied |= n_deleted > 0
        if self._is_to_be_emptied:
            self._is_to_be_emptied = not empty_journal(self._transactions.engine)
        return n_deleted

    def _delete_expired(self) -> int:
        with self._transactions.reading() as connection:
            now = database_time(connection)
            expired = select(PREDICTIONS.c.id).where(PREDICTIONS.c.expires_at <= now).limit(_SWEPT_AT_ONCE)
            ids = connection.scalars(expired).all()
        if not ids:
            return 0
        with self._writing() as connection:
            gone = (PREDICTIONS.c.expires_at <= now) & PREDICTIONS.c.id.in_(ids)
            return connection.execute(delete(PREDICTIONS).where(gone)).rowcount

    def listen(self) -> None:
        """Wait until something was put in here, or for a while."""
        self._bell.wait(_LISTENS_S)
        self._bell.clear()

    def close(self) -> None:
        """Give back what connections are held."""
        self._transactions.engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        turn = self._turn
        if turn is not None and not turn.acquire(timeout=BUSY_TIMEOUT_S):
            raise StorageUnavailableError(name_of(self._transactions.engine.url), "it is locked")
        try:
            with self._transactions.writing() as connection:
                yield connection
        finally:
            if turn is not None:
                turn.release()


def _n_waiting(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(PREDICTIONS).where(_QUEUED)) or 0


def _lost(now: datetime) -> Select[Any]:
    """Find one that somebody claimed and did not come back from; none beside it, for it may end who takes it."""
    over = PREDICTIONS.c.claimed_until <= now
    return select(PREDICTIONS.c.id).where(_RUNNING, over).order_by(PREDICTIONS.c.queued_at).limit(1)


def _settle(connection: Connection, result: Result, now: datetime, until: datetime) -> bool:
    state = PredictionState.SUCCEEDED if result.is_success else PredictionState.FAILED
    values = {
        "state": state.value, "question": None, "result": result.body, "claimed_until": None, "answered_at": now,
        "expires_at": until,
    }  # fmt: skip
    open_one = (PREDICTIONS.c.id == result.id) & (_QUEUED | _RUNNING)
    return connection.execute(update(PREDICTIONS).where(open_one).values(values)).rowcount == 1


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(Asked(row.id, row.caller, row.request_id, bytes(row.question)), row.claims)


def _told(row: Row[Any]) -> QueuedPrediction:
    return QueuedPrediction(
        row.id,
        row.caller,
        PredictionState(row.state),
        utc(row.queued_at),
        utc_or_none(row.answered_at),
        None if row.answered_at is None else utc(row.expires_at),
        None if row.result is None else bytes(row.result),
    )
