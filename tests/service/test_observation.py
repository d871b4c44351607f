"""What was recorded is told to metrics, lines and log, once, and what fails keeps nothing from the others."""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import pytest

from app.domain.logged_request import LoggedRequest
from app.logging_setup.lines import request_id_of
from app.service.live_figures import LiveFigures
from app.service.metrics import Metrics
from app.service.observation import Observation
from app.service.request_queue import RequestCounts


class Counted:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.requests: list[LoggedRequest] = []
        self.gauges: Mapping[str, float] = {}

    def count(self, requests: Sequence[LoggedRequest]) -> None:
        self.requests.extend(requests)

    def count_log(self, counts: RequestCounts) -> None:
        raise AssertionError(counts)  # there is no log here

    def tell(self, gauges: Mapping[str, float]) -> None:
        self.gauges = gauges

    def exposition(self) -> bytes:
        return b"%d" % len(self.requests)

    def figures(self, model: str) -> Mapping[int, LiveFigures]:
        raise AssertionError(model)  # nobody watches here


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def observation(counted: Counted) -> Iterator[Observation]:
    observation = Observation(lambda: counted, None)
    observation.start()
    yield observation
    observation.close(60)


def request(name: str) -> LoggedRequest:
    return LoggedRequest(name, datetime(2026, 1, 1, tzinfo=UTC), None, "GET", "/models", 200, 0.0125)


@contextmanager
def threads_that_take_turns_quickly() -> Iterator[None]:
    """Let what two threads must not do at once be done at once soon."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_what_was_recorded_before_is_in_the_exposition(observation: Observation) -> None:
    for number in range(1_000):
        observation.record(request(f"{number}"))

    assert observation.exposition() == b"1000"


def test_gauges_are_read_when_they_are_asked_for(observation: Observation, counted: Counted) -> None:
    observation.watch("in_flight", lambda: 3)

    observation.exposition()

    assert counted.gauges == {"in_flight": 3}


def test_what_grows_is_told_exactly_however_many_look_at_once() -> None:
    observation = Observation(lambda: Metrics("1"), None)
    answered = count(1)
    observation.watch("queue_answered", lambda: next(answered))

    with threads_that_take_turns_quickly(), ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: observation.exposition(), range(399)))

    assert b"\nparley_queue_answered_total 400.0\n" in observation.exposition()


def test_each_request_has_its_line(observation: Observation, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "parley.access"):
        observation.record(request("r1"))
        observation.exposition()

    [line] = caplog.records
    assert (line.getMessage(), request_id_of(line)) == ("GET /models 200 12.5 ms", "r1")


def test_lines_are_written_where_nothing_can_be_counted(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Counted:
        raise OSError("no space left on device")

    observation = Observation(broken, None)
    with caplog.at_level(logging.INFO):
        observation.record(request("r1"))
        observation.close(60)

    assert "GET /models 200 12.5 ms" in caplog.text
    assert "1 requests were not counted" in caplog.text
