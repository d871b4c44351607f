"""What was recorded is told to metrics, lines and log, once, and what fails keeps nothing from the others."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from app.domain.logged_request import LoggedRequest
from app.logging_setup.lines import request_id_of
from app.service.live_figures import LiveFigures
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


def test_what_was_recorded_before_is_in_the_exposition(observation: Observation) -> None:
    for number in range(1_000):
        observation.record(request(f"{number}"))

    assert observation.exposition() == b"1000"


def test_gauges_are_read_when_they_are_asked_for(observation: Observation, counted: Counted) -> None:
    observation.watch("in_flight", lambda: 3)

    observation.exposition()

    assert counted.gauges == {"in_flight": 3}


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
