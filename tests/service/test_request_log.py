"""
Every request is written or counted as dropped, whatever becomes of the database, and none is held up or failed.

What the log is wired with is real but for `Flaky`, which fails as often as it is told to.
"""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.logged_request import LogEntry, LoggedInput, LoggedRequest
from app.domain.storage_errors import RefusedEntryError, StorageUnavailableError
from app.service.redaction import Redaction
from app.service.request_log import LogPolicy, RequestLog, Store
from app.service.request_queue import DropReason
from app.service.retention import Retention
from app.storage.request_store import RequestStore
from tests.database import Database, SqliteFile

LONG_S = 60.0
POLICY = LogPolicy(interval_s=0.01, first_retry_s=0.01, last_retry_s=0.05)
TEXT = "I am ada@example.com, customer C-123, call +49 30 1234567"
DROPPED = dict.fromkeys(DropReason, 0)


def request(name: str = "r", *inputs: LoggedInput, **changes: Any) -> LoggedRequest:
    made = LoggedRequest(name, datetime.now(UTC), "ada", "POST", "/predict", 200, 0.001, "tiny", 1)
    return made._replace(**{"inputs": inputs or (LoggedInput("greeting", 0.9),), **changes})


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; how long it takes does not matter."""
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give what Parley warned of; drivers may have more to tell."""
    ours = (record for record in caplog.records if record.name.startswith("app."))
    return [record.getMessage() for record in ours if record.levelno >= logging.WARNING]


def written(store: RequestStore) -> list[str]:
    """Give the names of the requests in the log, the oldest first."""
    return [entry.request.request_id for entry in reversed(store.page(limit=100_000))]


class Flaky:
    """Keeps entries in memory; `faults` are raised first, one at each insert, before or after they are kept."""

    def __init__(self, faults: Callable[[Sequence[LogEntry]], Exception | None] = lambda _: None) -> None:
        self.faults = faults
        self.kept: dict[str, LogEntry] = {}
        self.is_closed = False

    def prepare(self) -> None:
        pass

    def insert(self, entries: Sequence[LogEntry]) -> None:
        if fault := self.faults(entries):
            raise fault
        self.kept.update({str(entry.id): entry for entry in entries})

    def erase_texts_before(self, time: datetime, limit: int) -> int:  # noqa: ARG002 - nothing is old here
        return 0

    delete_before = erase_texts_before

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def make() -> Iterator[Callable[..., RequestLog]]:
    """Make request logs that end with the test: `make(open_store, policy, patterns)`."""
    made: list[RequestLog] = []

    def make_one(
        open_store: Callable[[], Store], policy: LogPolicy = POLICY, patterns: dict[str, str] | None = None
    ) -> RequestLog:
        log = RequestLog(open_store, policy, Redaction(patterns), Retention(90, 30))
        log.start()
        made.append(log)
        return log

    yield make_one
    for log in made:
        log.close(LONG_S if sys.exc_info()[0] is None else 0)


@pytest.fixture
def reader(database: Database) -> Iterator[RequestStore]:
    """What reads the log of a test's database."""
    with closing(database.open()) as store:
        yield store


def test_what_is_recorded_stands_in_the_database_as_it_was(make, database: Database, reader: RequestStore) -> None:
    log = make(database.open)
    asked = request("one", LoggedInput("greeting", 0.9), LoggedInput(None, 0.1, "low_confidence"))
    failed = request("two", caller=None, model=None, version=None, status=401)._replace(inputs=())

    log.record(asked)
    log.record(failed)

    assert log.flush(LONG_S)
    assert [entry.request for entry in reader.page()] == [failed, asked]
    assert log.counts() == (2, 0, DROPPED)


def test_what_is_recorded_is_written_without_anybody_asking(make, database: Database, reader: RequestStore) -> None:
    log = make(database.open)

    log.record(request("one"))

    until(lambda: log.counts().written == 1)
    assert written(reader) == ["one"]


def test_much_is_written_in_order(make, database: Database, reader: RequestStore) -> None:
    log = make(database.open)
    names = [f"{number}" for number in range(3_000)]

    for name in names:
        log.record(request(name))

    assert log.flush(LONG_S)
    assert written(reader) == names


def test_the_end_writes_what_is_queued(make, database: Database, reader: RequestStore) -> None:
    log = make(database.open, LogPolicy(interval_s=60))
    for number in range(100):
        log.record(request(f"{number}"))

    log.close(LONG_S)

    assert log.counts() == (100, 0, DROPPED)
    assert len(written(reader)) == 100


def test_texts_are_kept_redacted_where_they_are_wanted(make, database: Database, reader: RequestStore) -> None:
    log = make(database.open, LogPolicy(keeps_text=True), {"customer": "C-[0-9]+"})

    log.record(request("one", LoggedInput("greeting", 0.9, None, TEXT), LoggedInput("greeting", 0.9)))

    assert log.flush(LONG_S)
    [entry] = reader.page()
    assert [one.text for one in entry.request.inputs] == ["I am <email>, customer <customer>, call <number>", None]


def test_no_text_is_even_queued_where_none_is_wanted(make) -> None:
    away = Flaky(lambda _: OSError("away"))
    log = make(lambda: away)

    log.record(request("one", LoggedInput("greeting", 0.9, None, TEXT)))

    assert not log.keeps_text
    assert [one.text for queued in log._queue._waiting for one in queued.inputs] == [None]
    away.faults = lambda _: None
    assert log.flush(LONG_S)
    assert [one.text for entry in away.kept.values() for one in entry.request.inputs] == [None]


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


def test_a_full_queue_keeps_the_oldest_and_counts_the_rest(make) -> None:
    away = Flaky(lambda _: OSError("away"))
    log = make(lambda: away, LogPolicy(max_queued=5, interval_s=0.01, first_retry_s=0.01))

    for number in range(20):
        log.record(request(f"{number}"))

    assert log.counts() == (0, 5, {**DROPPED, DropReason.QUEUE_FULL: 15})
    away.faults = lambda _: None
    assert log.flush(LONG_S)
    assert [entry.request.request_id for entry in away.kept.values()] == ["0", "1", "2", "3", "4"]


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


@pytest.mark.parametrize(
    "wrong", [None, 5, "request", request(inputs=None), request(inputs=5), request(inputs=(1, 2)), request(time="noon")]
)
def test_what_is_no_request_is_counted_and_raises_nothing(make, wrong: Any) -> None:
    kept = Flaky()
    log = make(lambda: kept)

    log.record(wrong)
    log.record(request("right"))

    assert log.flush(LONG_S)
    until(lambda: log.counts().written == 1)
    assert log.counts().dropped[DropReason.INVALID] == 1


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


def test_after_the_end_requests_are_counted_and_raise_nothing(make) -> None:
    log = make(Flaky)
    log.close(LONG_S)

    log.record(request())
    log.close(LONG_S)

    assert log.counts() == (0, 0, {**DROPPED, DropReason.CLOSED: 1})
    assert log.flush(0)


def test_a_log_that_was_never_started_ends_too() -> None:
    log = RequestLog(Flaky, POLICY, Redaction(), Retention(90, 30))
    log.record(request())

    assert not log.flush(0)
    log.close(LONG_S)

    assert log.counts().dropped[DropReason.CLOSED] == 1


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


WRITE = """
import sys
from datetime import UTC, datetime
from app.domain.logged_request import LoggedInput, LoggedRequest
from app.service.redaction import Redaction
from app.service.request_log import LogPolicy, RequestLog
from app.service.retention import Retention
from app.storage.engine import open_engine
from app.storage.request_store import RequestStore

name, address = sys.argv[1:]
policy = LogPolicy(batch_size=20, interval_s=0.001)
log = RequestLog(lambda: RequestStore(open_engine(address)), policy, Redaction(), Retention(90, 30))
sys.stdin.readline()
log.start()
inputs = (LoggedInput("greeting", 0.9),)
for number in range(1000):
    log.record(LoggedRequest(f"{name}{number}", datetime.now(UTC), name, "POST", "/predict", 200, 0.1, "m", 1, inputs))
    if number % 50 == 0:
        log.flush(60)
log.close(60)
counts = log.counts()
print(counts.written, counts.queued, sum(counts.dropped.values()))
"""


def test_processes_that_start_and_write_together_lose_nothing(
    database: Database, reader: RequestStore, root: Path
) -> None:
    writing = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, name, database.address],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    for process in writing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate() for process in writing]

    assert [output for output, _ in told] == ["1000 0 0\n"] * 3, told
    found = written(reader)
    assert len(found) == len(set(found)) == 3_000
    for name in "abc":
        assert [one for one in found if one[0] == name] == [f"{name}{number}" for number in range(1_000)]
