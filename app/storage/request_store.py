"""The request log in the database: batches in, pages out, and what is too old away."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Delete, Select, Update, delete, exists, select, update
from sqlalchemy.engine import Engine, Row

from ..domain.logged_request import LogEntry, LogFilter, LoggedInput, LoggedRequest
from ..domain.time_ids import first_time_id
from .bulk_insert import insert_rows
from .database_faults import told_faults
from .engine import WRITES
from .migration import migrate
from .tables import LOGGED_INPUTS, LOGGED_REQUESTS

ALL: Final = LogFilter()

_CHANGED_AT_ONCE: Final = 1_000
# Of a batch; between them the interpreter is left to whoever answers requests. A thread that always has something to do
# takes it at each of their system calls, and they wait as long as a whole batch takes.
_AT_ONCE: Final = 64
_BREATH_S: Final = 0.001


class RequestStore:
    """
    The request log; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**WRITES)

    def prepare(self) -> bool:
        """Make or change the tables where they are not as they should be, and say whether that was so."""
        return migrate(self.engine)

    def insert(self, entries: Sequence[LogEntry]) -> None:
        """
        Store all entries, or none. Where the first of them is stored already, they all are, and nothing changes.

        Raises:
            RefusedEntryError: the database does not take one of them.
        """
        if not entries:
            return
        with told_faults(self.engine), self._writing.begin() as connection:
            known = select(LOGGED_REQUESTS.c.id).where(LOGGED_REQUESTS.c.id == entries[0].id)
            if connection.scalar(known) is not None:
                return
            for start in range(0, len(entries), _AT_ONCE):
                if start:
                    time.sleep(_BREATH_S)
                part = list(islice(entries, start, start + _AT_ONCE))
                insert_rows(connection, LOGGED_REQUESTS, [_request_row(entry) for entry in part])
                insert_rows(connection, LOGGED_INPUTS, [row for entry in part for row in _input_rows(entry)])

    def page(self, wanted: LogFilter = ALL, *, limit: int = 100, before: UUID | None = None) -> list[LogEntry]:
        """Give the newest entries that are wanted, newest first; `before` is the last of the page before."""
        with told_faults(self.engine), self.engine.connect() as connection:
            requests = connection.execute(_selected(wanted, before).limit(limit)).all()
            ids = [request.id for request in requests]
            of_page = select(LOGGED_INPUTS).where(LOGGED_INPUTS.c.entry.in_(ids))
            ordered = of_page.order_by(LOGGED_INPUTS.c.entry, LOGGED_INPUTS.c.position)
            inputs = {entry: list(rows) for entry, rows in groupby(connection.execute(ordered), lambda row: row.entry)}
        return [LogEntry(request.id, _request(request, inputs.get(request.id, ()))) for request in requests]

    def erase_texts_before(self, time: datetime, limit: int) -> int:
        """Forget the texts of requests that came before, of the oldest so many at most; say of how many."""
        has_text = LOGGED_INPUTS.c.text.is_not(None)
        with_text = select(LOGGED_INPUTS.c.entry).where(has_text, LOGGED_INPUTS.c.entry < first_time_id(time))
        return self._in_parts(
            with_text.distinct().order_by(LOGGED_INPUTS.c.entry),
            lambda last: [update(LOGGED_INPUTS).where(has_text, LOGGED_INPUTS.c.entry <= last).values(text=None)],
            limit,
        )

    def delete_before(self, time: datetime, limit: int) -> int:
        """Forget the requests that came before, the oldest so many at most; say how many."""
        old = select(LOGGED_REQUESTS.c.id).where(LOGGED_REQUESTS.c.id < first_time_id(time))
        return self._in_parts(
            old.order_by(LOGGED_REQUESTS.c.id),
            lambda last: [
                delete(LOGGED_INPUTS).where(LOGGED_INPUTS.c.entry <= last),
                delete(LOGGED_REQUESTS).where(LOGGED_REQUESTS.c.id <= last),
            ],
            limit,
        )

    def close(self) -> None:
        """Give back what connections are held."""
        self.engine.dispose()

    def _in_parts(self, oldest: Select[UUID], up_to: Callable[[UUID], list[Delete | Update]], limit: int) -> int:
        """Change the oldest entries, some in each transaction: others who write wait for one of them, not for all."""
        n_changed = 0
        while n_changed < limit:
            part = oldest.limit(min(_CHANGED_AT_ONCE, limit - n_changed))
            with told_faults(self.engine), self._writing.begin() as connection:
                ids = connection.execute(part).scalars().all()
                for statement in up_to(ids[-1]) if ids else ():
                    connection.execute(statement)
            n_changed += len(ids)
            if len(ids) < _CHANGED_AT_ONCE:
                break
        return n_changed


def _selected(wanted: LogFilter, before: UUID | None) -> Select[Any]:
    query = select(LOGGED_REQUESTS).order_by(LOGGED_REQUESTS.c.id.desc())
    has_input = exists().where(LOGGED_INPUTS.c.entry == LOGGED_REQUESTS.c.id)
    if wanted.model is not None:
        query = query.where(LOGGED_REQUESTS.c.model == wanted.model)
    if wanted.intent is not None:
        query = query.where(has_input.where(LOGGED_INPUTS.c.intent == wanted.intent))
    if wanted.fallbacks_only:
        query = query.where(has_input.where(LOGGED_INPUTS.c.fallback.is_not(None)))
    if wanted.since is not None:
        query = query.where(LOGGED_REQUESTS.c.id >= first_time_id(wanted.since))
    return query if before is None else query.where(LOGGED_REQUESTS.c.id < before)


def _request_row(entry: LogEntry) -> tuple[Any, ...]:
    """Give the columns of `LOGGED_REQUESTS`."""
    request = entry.request
    return (
        entry.id,
        request.time.astimezone(UTC),
        _storable(request.request_id),
        _storable(request.caller),
        _storable(request.method),
        _storable(request.endpoint),
        request.status,
        request.seconds,
        _storable(request.model),
        request.version,
    )


def _input_rows(entry: LogEntry) -> Iterator[tuple[Any, ...]]:
    """Give the columns of `LOGGED_INPUTS`."""
    for position, one in enumerate(entry.request.inputs):
        yield (
            entry.id,
            position,
            _storable(one.intent),
            one.confidence,
            _storable(one.fallback),
            _storable(one.text),
        )


def _storable(text: str | None) -> str | None:
    """Replace what JSON can say and no database can hold: NUL, and halves of surrogate pairs."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _request(row: Row[Any], inputs: Sequence[Row[Any]]) -> LoggedRequest:
    time = row.time if row.time.tzinfo else row.time.replace(tzinfo=UTC)
    return LoggedRequest(
        request_id=row.request_id,
        time=time.astimezone(UTC),
        caller=row.caller,
        method=row.method,
        endpoint=row.endpoint,
        status=row.status,
        seconds=row.seconds,
        model=row.model,
        version=row.version,
        inputs=tuple(LoggedInput(one.intent, one.confidence, one.fallback, one.text) for one in inputs),
    )
