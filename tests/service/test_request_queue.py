"""The queue is bounded, first in is first out, and every request that was put in is accounted for."""

import threading
from datetime import UTC, datetime

import pytest

from app.domain.logged_request import LoggedInput, LoggedRequest
from app.service.request_queue import CHARS_AT_MOST, DropReason, RequestQueue


def request(name: str = "r", n_inputs: int = 1, text: str | None = None) -> LoggedRequest:
    inputs = (LoggedInput("greeting", 0.9, None, text),) * n_inputs
    return LoggedRequest(name, datetime.now(UTC), None, "POST", "/predict", 200, 0.001, "tiny", 1, inputs)


def names(requests: list[LoggedRequest]) -> str:
    return "".join(one.request_id for one in requests)


def test_the_oldest_are_given_first_and_stay_until_they_are_settled() -> None:
    queue = RequestQueue(10, 10)
    for name in "abc":
        queue.put(request(name))

    assert names(queue.oldest(2)) == "ab"
    assert names(queue.oldest(2)) == "ab"
    queue.settle(2)
    assert names(queue.oldest(2)) == "c"
    assert queue.counts() == (2, 1, dict.fromkeys(DropReason, 0))


@pytest.mark.parametrize(
    ("sizes", "n_queued"),
    [([1] * 5, 4), ([0] * 5, 4), ([2, 2, 1], 2), ([3, 2, 1], 2), ([9], 1), ([9, 1], 1), ([1, 9], 1)],
)
def test_as_many_wait_as_their_inputs_fit(sizes: list[int], n_queued: int) -> None:
    queue = RequestQueue(4, 10)

    for size in sizes:
        queue.put(request(n_inputs=size))

    counts = queue.counts()
    assert counts.queued == n_queued
    assert counts.dropped[DropReason.QUEUE_FULL] == len(sizes) - n_queued


def test_texts_that_are_long_fill_the_queue_before_its_number_is_reached() -> None:
    queue = RequestQueue(1_000, 1_000)

    for _ in range(100):
        queue.put(request(text="x" * (CHARS_AT_MOST // 10)))

    assert (queue.counts().queued, queue.counts().dropped[DropReason.QUEUE_FULL]) == (10, 90)


def test_what_has_left_makes_room() -> None:
    queue = RequestQueue(2, 10)
    for _ in range(50):
        queue.put(request(n_inputs=2, text="x" * (CHARS_AT_MOST // 2)))
        queue.settle(1)

    assert queue.counts() == (50, 0, dict.fromkeys(DropReason, 0))


@pytest.mark.parametrize(("n_inputs", "taken"), [(1, "a"), (2, "a"), (3, "ab"), (5, "ab"), (6, "abc"), (100, "abc")])
def test_a_batch_has_about_as_many_inputs_as_asked_for_and_one_request_at_least(n_inputs: int, taken: str) -> None:
    queue = RequestQueue(100, 100)
    for name, size in zip("abc", [2, 1, 3], strict=True):
        queue.put(request(name, size))

    assert names(queue.oldest(n_inputs)) == taken


def test_after_the_end_nothing_is_taken_and_what_waited_is_counted() -> None:
    queue = RequestQueue(10, 10)
    queue.put(request())
    queue.put(request())
    being_written = queue.oldest(1)

    assert queue.close() == 2
    queue.settle(len(being_written))  # too late: it is counted already
    queue.put(request())

    assert queue.counts() == (0, 0, {**dict.fromkeys(DropReason, 0), DropReason.CLOSED: 3})


def test_who_writes_is_woken_by_much_work() -> None:
    queue = RequestQueue(100, 3)
    waiting = threading.Thread(target=queue.wait_for_work, args=(1e6,))
    waiting.start()

    for _ in range(3):
        queue.put(request())

    waiting.join(60)
    assert not waiting.is_alive()


def test_who_waits_for_the_queue_is_not_kept_by_what_comes_later() -> None:
    queue = RequestQueue(100, 100)
    queue.put(request())
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(queue.wait_until_left(1e6)))
    waiting.start()
    queue.wait_for_work(1e6)  # until it is in a hurry
    queue.put(request())

    queue.settle(1)

    waiting.join(60)
    assert told == [True]


def test_who_waits_is_told_when_time_is_over() -> None:
    queue = RequestQueue(100, 100)
    queue.put(request())

    assert queue.wait_until_left(0) is False


def test_every_request_of_many_threads_is_counted_once() -> None:
    queue = RequestQueue(64, 8)

    def send() -> None:
        for _ in range(2_000):
            queue.put(request())

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()

    while any(sender.is_alive() for sender in senders):
        queue.settle(len(queue.oldest(5)))
        counts = queue.counts()
        assert counts.queued <= 64

    counts = queue.counts()
    assert counts.written + counts.queued + sum(counts.dropped.values()) == 8_000
