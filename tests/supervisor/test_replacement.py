"""A worker that dies or hangs is replaced, as often as it takes, and costs nobody but its own clients an answer."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil

from tests.workers import Clients, is_dead, ready_workers, until


def test_a_killed_worker_costs_only_the_requests_that_it_had(start_workers: Callable[..., Any]) -> None:
    server = start_workers(3)
    before = set(server.workers())
    with Clients(server, 8) as clients:
        clients.answered_more(100)

        os.kill(min(before), signal.SIGKILL)

        until(lambda: len(set(ready_workers(server, 3)) - before) == 1)
        clients.answered_more(200)

    assert set(clients.answered) == {404}  # there is no model, and that is an answer
    assert len(clients.failed) <= 8  # one request of each client
    assert server.log.read_text().count("died after") == 1


def test_connections_that_wait_while_no_worker_lives_are_answered(start_workers: Callable[..., Any]) -> None:
    server = start_workers(1)
    [worker] = server.workers()
    os.kill(worker, signal.SIGKILL)
    until(partial(is_dead, worker))

    assert server.get("/healthz").status == 200


def test_a_worker_that_dies_soon_after_its_start_again_and_again_is_replaced_ever_later(
    start_workers: Callable[..., Any],
) -> None:
    server = start_workers(1)
    for _ in range(4):
        [worker] = ready_workers(server, 1)
        os.kill(worker, signal.SIGKILL)
        until(partial(is_dead, worker))

    ready_workers(server, 1)

    log = server.log.read_text()
    assert [f"replaced in {wait} s (restarts: {n})" in log for n, wait in enumerate((0.0, 0.1, 0.2, 0.4), 1)] == [
        True
    ] * 4


def test_a_worker_that_hangs_is_noticed_and_replaced(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2, PARLEY_HEARTBEAT_LIMIT_S="1")
    before = set(server.workers())
    hung = min(before)

    os.kill(hung, signal.SIGSTOP)

    until(lambda: is_dead(hung))
    assert before - {hung} < set(ready_workers(server, 2))
    assert "hung after" in server.log.read_text()


def test_a_supervisor_that_was_asleep_does_not_take_its_workers_for_hung(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2, PARLEY_HEARTBEAT_LIMIT_S="0.5")
    everybody = [server.process.pid, *server.workers()]
    before = set(server.workers())

    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    until(lambda: all(psutil.Process(pid).status() == psutil.STATUS_STOPPED for pid in everybody))
    time.sleep(1.5)  # three times as long as a worker may be silent
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    with Clients(server, 2) as clients:
        clients.answered_more(50)

    assert set(server.workers()) == before
    assert clients.failed == []


def test_a_worker_that_is_asked_to_end_by_somebody_else_finishes_and_is_replaced(
    start_workers: Callable[..., Any],
) -> None:
    server = start_workers(2)
    before = set(server.workers())
    with Clients(server, 4) as clients:
        clients.answered_more(50)

        os.kill(min(before), signal.SIGTERM)

        until(lambda: len(set(server.workers()) - before) == 1)
        clients.answered_more(50)

    assert clients.failed == []
    assert "died after" in server.log.read_text()


def test_a_killed_supervisor_leaves_no_worker_behind(start_workers: Callable[..., Any]) -> None:
    server = start_workers(3)
    workers = server.workers()

    server.process.kill()
    server.process.wait()

    until(lambda: all(map(is_dead, workers)))


def test_a_worker_that_hangs_when_its_supervisor_is_killed_ends_too(start_workers: Callable[..., Any]) -> None:
    server = start_workers(1, PARLEY_DRAIN_S="0.1")
    [worker] = server.workers()
    os.kill(worker, signal.SIGSTOP)

    server.process.kill()
    server.process.wait()
    os.kill(worker, signal.SIGCONT)

    until(partial(is_dead, worker))
