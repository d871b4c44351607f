"""Requests to log, a store that fails as often as it is told to, and logs that end with their test."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.logged_request import LogEntry, LoggedInput, LoggedRequest
from app.service.redaction import Redaction
from app.service.request_log import LogPolicy, RequestLog, Store
from app.service.request_queue import DropReason
from app.service.retention import Retention
from app.storage.request_store import RequestStore
from tests.database import Database

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
