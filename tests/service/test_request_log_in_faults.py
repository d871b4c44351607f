"""
Every request is written or counted as dropped, whatever becomes of the database, and none is held up or failed.

What the log is wired with is real but for `Flaky`, which fails as often as it is told to.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from app.domain.logged_request import LogEntry, LoggedInput
from app.domain.storage_errors import RefusedEntryError, StorageUnavailableError
from app.service.request_log import LogPolicy
from app.service.request_queue import DropReason
from app.storage.request_store import RequestStore
from tests.database import Database, SqliteFile
from tests.request_log import DROPPED, LONG_S, Flaky, request, until, warnings, written


def test_a_database_that_is_away_at_the_start_gets_everything_when_it_comes(
    make, database: Database, reader: RequestStore, caplog: pytest.LogCaptureFixture
) -> None:
    database.take_away()
    log = make(database.open)
    for number in range(50):
        log.record(request(f"{number}"))
    until(lambda: warnings(caplog))

    assert log.counts() == (0, 50, DROPPED)
    database.bring_back()

    assert log.flush(LONG_S)
    assert written(reader) == [f"{number}" for number in range(50)]


def test_a_database_taken_away_in_the_middle_loses_nothing_that_fits_in_the_queue(
    make, database: Database, reader: RequestStore, caplog: pytest.LogCaptureFixture
) -> None:
    log = make(database.open)
    log.record(request("before"))
    assert log.flush(LONG_S)

    database.take_away()
    log.record(request("meanwhile"))
    until(lambda: warnings(caplog))
    log.record(request("also meanwhile"))
    database.bring_back()
    until(lambda: log.counts().written == 3)
    log.record(request("after"))

    assert log.flush(LONG_S)
    assert written(reader) == ["before", "meanwhile", "also meanwhile", "after"]
    assert log.counts() == (4, 0, DROPPED)


def test_an_outage_is_told_once_with_its_end_and_without_the_password(
    make, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    log = make(database.open, LogPolicy(max_queued=10, interval_s=0.01, first_retry_s=0.01, last_retry_s=0.05))
    until(lambda: log._retention._due > time.monotonic())  # it is done, and has no faults of its own to tell
    database.take_away()
    for number in range(200):
        log.record(request(f"{number}"))
        log.flush(0.001)  # each an attempt
    database.bring_back()
    assert log.flush(LONG_S)
    log.close(LONG_S)

    begun, ended = warnings(caplog)
    assert begun.startswith("request log: the database ")
    assert ended.endswith("190 requests were dropped")
    assert "sesame" not in caplog.text
    assert log.counts() == (10, 0, {**DROPPED, DropReason.QUEUE_FULL: 190})


def test_a_locked_file_is_written_when_its_lock_is_gone(make, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = SqliteFile(tmp_path / "log.db")
    log = make(file.open)
    with closing(file.open()) as other:
        until(lambda: log._is_prepared)
        with other.engine.connect().execution_options(writes=True) as connection, connection.begin():
            log.record(request("one"))
            until(lambda: warnings(caplog))
            assert log.counts().queued == 1

        assert log.flush(LONG_S)
        assert written(other) == ["one"]
    assert "locked" in warnings(caplog)[0]


def test_a_full_disk_loses_nothing_that_fits_in_the_queue(
    make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = SqliteFile(tmp_path / "log.db")
    pages = {"max": 4}

    def open_on_a_small_disk() -> RequestStore:
        store = file.open()
        limit = lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages['max']}")  # noqa: E731
        event.listen(store.engine, "connect", limit)
        return store

    with closing(file.open()) as reader:
        reader.prepare()
        log = make(open_on_a_small_disk)
        for number in range(300):
            log.record(request(f"{number}"))
        until(lambda: warnings(caplog))

        assert "full" in warnings(caplog)[0]
        assert written(reader) == []
        pages["max"] = 100_000

        assert log.flush(LONG_S)
        assert len(written(reader)) == 300


def test_a_file_that_was_deleted_is_made_again(make, tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "log.db")
    log = make(file.open)
    log.record(request("lost"))
    assert log.flush(LONG_S)

    for path in tmp_path.iterdir():
        path.unlink()
    log.record(request("kept"))

    assert log.flush(LONG_S)
    with closing(file.open()) as reader:
        assert written(reader) == ["kept"]


def test_one_entry_that_the_database_refuses_takes_no_other_along(
    make, database: Database, reader: RequestStore, caplog: pytest.LogCaptureFixture
) -> None:
    log = make(database.open, LogPolicy(interval_s=60, keeps_text=True))
    for number in range(10):
        log.record(
            request(f"{number}", LoggedInput("x", 0.5, None, "secret"), version=2**70 if number in {3, 7} else 1)
        )

    assert log.flush(LONG_S)
    assert written(reader) == [name for name in "0123456789" if name not in "37"]
    assert log.counts() == (8, 0, {**DROPPED, DropReason.REFUSED: 2})
    log.close(LONG_S)  # which waits for what it has to tell
    assert len(warnings(caplog)) == 1
    assert "secret" not in caplog.text


def test_a_database_that_never_answers_holds_the_end_up_no_longer_than_its_deadline(
    make, caplog: pytest.LogCaptureFixture
) -> None:
    entered, released = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        entered.set()
        released.wait(LONG_S)

    slow = Flaky(hang)
    log = make(lambda: slow)
    for number in range(3):
        log.record(request(f"{number}"))
    assert entered.wait(LONG_S)

    log.close(0.05)

    assert log.counts() == (0, 0, {**DROPPED, DropReason.CLOSED: 3})
    assert warnings(caplog) == ["request log: 3 requests could not be written before the end"]
    released.set()
    log._thread.join(LONG_S)
    assert log.counts() == (0, 0, {**DROPPED, DropReason.CLOSED: 3})  # counted once, whatever became of them
    assert slow.is_closed


def test_a_database_that_is_away_holds_the_end_up_no_longer_than_its_deadline(make) -> None:
    log = make(
        lambda: Flaky(lambda _: OSError("away")), LogPolicy(interval_s=0.01, last_retry_s=1e6, first_retry_s=1e6)
    )
    log.record(request())

    log.close(0.05)

    assert log.counts() == (0, 0, {**DROPPED, DropReason.CLOSED: 1})


def test_an_outage_that_ends_before_the_deadline_loses_nothing(make) -> None:
    attempts = iter([OSError("away")] * 3)
    store = Flaky(lambda _: next(attempts, None))
    log = make(lambda: store, LogPolicy(interval_s=60, first_retry_s=0.01, last_retry_s=1e6))
    log.record(request())

    log.close(LONG_S)

    assert log.counts() == (1, 0, DROPPED)


def test_a_batch_whose_commit_was_not_acknowledged_stands_in_the_log_once(
    make, database: Database, reader: RequestStore
) -> None:
    lost = iter([True, True, False])

    class Unacknowledged(RequestStore):
        def insert(self, entries: Sequence[LogEntry]) -> None:
            super().insert(entries)
            if next(lost, False):
                raise StorageUnavailableError("the database", "connection lost after commit")

    def open_one() -> RequestStore:
        return Unacknowledged(database.open().engine)

    log = make(open_one)
    names = [f"{number}" for number in range(50)]
    for name in names:
        log.record(request(name))

    assert log.flush(LONG_S)
    assert written(reader) == names
    assert log.counts() == (50, 0, DROPPED)


def test_every_request_is_written_or_counted_whatever_the_database_does(make) -> None:
    random = Random(7)  # noqa: S311 - it chooses faults

    def fault(entries: Sequence[LogEntry]) -> Exception | None:
        if any(entry.request.status == 599 for entry in entries):
            return RefusedEntryError("the database", "ValueError")
        return OSError("away") if random.random() < 0.4 else None

    store = Flaky(fault)
    log = make(
        lambda: store,
        LogPolicy(max_queued=300, batch_size=20, interval_s=0.001, first_retry_s=0.0001, last_retry_s=0.001),
    )

    def send(name: str) -> None:
        for number in range(2_000):
            inputs = (LoggedInput("x", 0.5),) * (number % 4)
            log.record(request(f"{name}{number}", status=599 if number % 500 == 0 else 200)._replace(inputs=inputs))
            if number % 100 == 0:
                log.flush(0.05)

    senders = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        counts = log.counts()
        assert counts.written + counts.queued + sum(counts.dropped.values()) <= 8_000
    log.close(LONG_S)

    counts = log.counts()
    assert counts.queued == 0
    assert counts.written + sum(counts.dropped.values()) == 8_000
    assert counts.written == len(store.kept)
    assert counts.dropped[DropReason.CLOSED] == 0
