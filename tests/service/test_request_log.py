"""What is recorded is written once and in order, in the shape asked for, and none is lost at the end."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.domain.logged_request import LoggedInput
from app.service.redaction import Redaction
from app.service.request_log import LogPolicy, RequestLog
from app.service.request_queue import DropReason
from app.service.retention import Retention
from app.storage.request_store import RequestStore
from tests.database import Database
from tests.request_log import DROPPED, LONG_S, POLICY, TEXT, Flaky, request, until, written


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


def test_a_full_queue_keeps_the_oldest_and_counts_the_rest(make) -> None:
    away = Flaky(lambda _: OSError("away"))
    log = make(lambda: away, LogPolicy(max_queued=5, interval_s=0.01, first_retry_s=0.01))

    for number in range(20):
        log.record(request(f"{number}"))

    assert log.counts() == (0, 5, {**DROPPED, DropReason.QUEUE_FULL: 15})
    away.faults = lambda _: None
    assert log.flush(LONG_S)
    assert [entry.request.request_id for entry in away.kept.values()] == ["0", "1", "2", "3", "4"]


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
