"""
Many clients put predictions into the queue at once: each id is answered once, none is lost or crossed.

Poison among them, workers that are killed and a Redis that comes and goes change nothing of that, but for what Redis
has forgotten: its ids are those of none.
"""

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.database import postgres_database
from tests.queue_clients import Client, clients_of, count, fetched_by_all, put_by_all
from tests.redis_server import RedisServer
from tests.server import Server
from tests.workers import until

CLIENTS = 8
SHORT, LONG = 15, 500
"""Requests of each."""
LONG_TEST = [pytest.mark.long, pytest.mark.timeout(900)]
SETTINGS = {"PARLEY_DEFAULT_MODEL": "tiny", "PARLEY_WORKERS": "2", "PARLEY_PREDICTION_LOST_AFTER_S": "2"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long), "redis"])
def queue_server(
    request: pytest.FixtureRequest, start_server: Callable[..., Server], tiny_models: Path
) -> Iterator[Server]:
    """A server of two workers, with its queue in each of the three places."""
    settings = dict(SETTINGS)
    with ExitStack() as stack:
        if request.param == "redis":
            settings["PARLEY_REDIS_URL"] = request.getfixturevalue("redis_process").database(3)
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server")
            settings["PARLEY_DATABASE_URL"] = stack.enter_context(postgres_database(server)).address
        started = start_server(tiny_models, **settings)
        yield started
        started.stop()


@pytest.fixture
def clients(queue_server: Server) -> Iterator[list[Client]]:
    with clients_of(queue_server, CLIENTS) as made:
        yield made


@pytest.mark.parametrize("n", [SHORT, pytest.param(LONG, marks=LONG_TEST)])
def test_each_id_is_answered_once_and_none_is_lost_or_crossed(
    queue_server: Server, clients: list[Client], n: int
) -> None:
    answered = count(queue_server, "parley_queue_answered_total")

    put_by_all(clients, n)
    gone = fetched_by_all(clients)
    again = fetched_by_all(clients)

    assert (gone, again) == ([], [])
    assert len({one for client in clients for one in client.put}) == CLIENTS * n
    assert [client.refused for client in clients] == [[]] * CLIENTS
    until(lambda: count(queue_server, "parley_queue_answered_total") >= answered + CLIENTS * n)
    heard_twice = count(queue_server, "parley_queue_answered_total") - answered - CLIENTS * n
    assert heard_twice <= sum(client.n_sent_again for client in clients)


@pytest.mark.parametrize(
    ("queue_server", "n"),
    [
        ("sqlite", SHORT),
        *(pytest.param(one, LONG, marks=pytest.mark.long) for one in ("sqlite", "postgresql", "redis")),
    ],
    indirect=["queue_server"],
)
def test_workers_that_are_killed_in_the_middle_lose_nothing(
    queue_server: Server, clients: list[Client], n: int
) -> None:
    killing = threading.Thread(target=_kill_all, args=(queue_server, clients, n))

    killing.start()
    put_by_all(clients, n)
    killing.join()

    assert fetched_by_all(clients) == []


def _kill_all(server: Server, clients: list[Client], n: int) -> None:
    """Kill every worker when half of all is put."""
    until(lambda: sum(len(client.put) for client in clients) >= CLIENTS * n // 2)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("queue_server", ["redis"], indirect=True)
@pytest.mark.parametrize("n", [SHORT, pytest.param(LONG, marks=LONG_TEST)])
def test_redis_may_be_killed_and_come_back_in_between(queue_server: Server, redis_server: RedisServer, n: int) -> None:
    before: list[set[str]] = []
    kept: list[bool] = []

    def kill_and_bring_back() -> None:
        until(lambda: sum(len(client.put) for client in clients) >= CLIENTS * n // 2)
        redis_server.stop()
        before.extend(set(client.put) for client in clients)
        try:
            promised_meanwhile()
        finally:
            redis_server.start()

    def promised_meanwhile() -> None:
        for method, path, body in (
            ("POST", "/predict?mode=queue", b'{"text": "hello"}'),
            ("GET", f"/predictions/{uuid.uuid4()}", None),
            ("DELETE", f"/predictions/{uuid.uuid4()}", None),
        ):
            status, told = other.ask(method, path, body)
            assert (status, told["error"]["code"]) == (503, "storage_unavailable"), told
        status, told = other.ask("POST", "/predict", b'{"text": "hello"}')
        assert (status, told["intent"]) == (200, "greeting")
        kept.append(True)

    with clients_of(queue_server, CLIENTS + 1) as (*clients, other):
        killing = threading.Thread(target=kill_and_bring_back)
        killing.start()
        put_by_all(clients, n)
        killing.join()
        gone = set(fetched_by_all(clients))

    assert kept, "what is promised while Redis is away"
    assert {status for client in clients for status in client.refused} <= {503}
    # a client may have heard of its last one just before, and put it down just after
    lost = [len(gone & set(client.put) - known) for client, known in zip(clients, before, strict=True)]
    assert max(lost) <= 1
    assert "Traceback" not in queue_server.log.read_text()
