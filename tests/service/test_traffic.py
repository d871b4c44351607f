"""What was answered reaches everybody who counts it, once, whatever becomes of the others."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.logged_request import LoggedRequest
from app.service.traffic import Traffic


def request(number: int) -> LoggedRequest:
    return LoggedRequest(str(number), datetime(2026, 1, 1, tzinfo=UTC), None, "GET", "/models", 200, 0.0)


def test_every_request_is_handed_on_once_and_in_order() -> None:
    received: list[LoggedRequest] = []
    traffic = Traffic([received.extend])
    traffic.start()

    for number in range(50_000):
        traffic.record(request(number))
    traffic.close()

    assert [one.request_id for one in received] == [str(number) for number in range(50_000)]


def test_requests_of_many_threads_are_all_handed_on() -> None:
    received: list[LoggedRequest] = []
    traffic = Traffic([received.extend])
    traffic.start()

    def record() -> None:
        for number in range(5_000):
            traffic.record(request(number))

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    traffic.close()

    assert len(received) == 40_000


def test_a_consumer_that_fails_keeps_nothing_from_the_others(caplog) -> None:
    received: list[LoggedRequest] = []

    def fail(_: Sequence[LoggedRequest]) -> None:
        raise RuntimeError("the disk is gone")

    traffic = Traffic([fail, received.extend])
    with caplog.at_level(logging.ERROR):
        traffic.record(request(1))
        traffic.close()

    assert len(received) == 1
    assert "1 requests were not counted" in caplog.text


def test_nothing_is_asked_of_consumers_where_nothing_happened() -> None:
    calls: list[Sequence[LoggedRequest]] = []

    Traffic([calls.append]).close()

    assert calls == []
