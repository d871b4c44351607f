"""Who asks more often than the limit allows is told so, whichever worker he meets and whatever he asks for."""

import base64
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of
from tests.redis_server import PASSWORD, RedisServer
from tests.server import Reply
from tests.workers import is_dead, ready_workers, until

WRONG = "Basic " + base64.b64encode(b"admin:wrong").decode()


@pytest.fixture
def start(start_server: Callable[..., Any], tiny_models: Path) -> Callable[..., Any]:
    """Start a server that answers ten requests of each caller: `start(PARLEY_WORKERS="2")`."""
    return lambda **settings: start_server(
        tiny_models, PARLEY_DEFAULT_MODEL="tiny", **{"PARLEY_RATE_LIMIT": "10/hour", **settings}
    )


def ask(server: Any, **headers: str) -> Reply:
    return server.request("POST", "/predict", b'{"text": "hello"}', {"Content-Type": "application/json", **headers})  # type: ignore[no-any-return]


def told(reply: Reply) -> list[str | None]:
    return [reply.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]


def test_what_is_over_the_limit_is_refused_in_the_one_shape(start) -> None:
    server = start()
    accepted = [ask(server) for _ in range(10)]

    refused = ask(server, **{"X-Request-ID": "r1"})

    assert [reply.status for reply in accepted] == [200] * 10
    assert refused.status == 429
    assert refused.headers["Content-Type"] == "application/json"
    error = refused.json()["error"]
    wait_s = int(refused.headers["Retry-After"])
    assert 3_500 < wait_s <= 3_800
    assert error == {
        "code": "rate_limited",
        "message": f"no more than 10/hour requests are answered; ask again in {wait_s} s",
        "request_id": "r1",
        "details": [],
    }


def test_every_reply_tells_what_is_left(start) -> None:
    server = start()

    replies = [
        ask(server),
        server.get("/models"),
        server.get("/models/nope"),
        server.post("/predict", {"txet": 1}),
        server.post("/predict", {"texts": ["hello", "rain"]}),
    ]

    assert [reply.status for reply in replies] == [200, 200, 404, 400, 200]
    assert [told(reply)[:2] for reply in replies] == [["10", str(left)] for left in (9, 8, 7, 6, 5)]
    assert all(3_600 <= int(str(told(reply)[2])) <= 3_800 for reply in replies)
    refused = [ask(server) for _ in range(6)][-1]
    assert told(refused)[:2] == ["10", "0"]


def test_several_workers_answer_as_many_as_one(start) -> None:
    server = start(PARLEY_WORKERS="2", PARLEY_RATE_LIMIT="50/hour")
    ready_workers(server, 2)
    statuses: list[int] = []

    def ask_often() -> None:
        statuses.extend(ask(server).status for _ in range(20))

    threads = [threading.Thread(target=ask_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [statuses.count(status) for status in (200, 429)] == [50, 30]


def test_the_death_of_a_worker_gives_nobody_more(start) -> None:
    server = start()
    for _ in range(10):
        ask(server)
    [worker] = server.workers()
    os.kill(worker, signal.SIGKILL)
    until(lambda: is_dead(worker))
    ready_workers(server, 1)

    assert ask(server).status == 429


def test_servers_that_share_a_redis_answer_as_many_as_one(start, redis_server: RedisServer) -> None:
    first, second = start(PARLEY_REDIS_URL=redis_server.url), start(PARLEY_REDIS_URL=redis_server.url)
    assert [ask(first).status for _ in range(10)] == [200] * 10

    until(lambda: ask(second).status == 429)

    for server in (first, second):
        assert PASSWORD not in server.log.read_text()


def test_while_redis_is_away_requests_are_answered(start, redis_server: RedisServer) -> None:
    redis_server.stop()
    server = start(PARLEY_REDIS_URL=redis_server.url)

    assert [ask(server).status for _ in range(11)] == [200] * 10 + [429]


def test_who_watches_the_server_is_never_refused(start) -> None:
    server = start(PARLEY_RATE_LIMIT="1/hour")

    replies = [server.get(path, Authorization="") for path in ("/healthz", "/readyz") * 5]

    assert [reply.status for reply in replies] == [200] * 10
    assert {reply.headers["RateLimit-Limit"] for reply in replies} == {None}


def test_failed_proofs_are_counted_by_address_and_those_let_in_are_not_held_up(start) -> None:
    server = start()
    assert ask(server).status == 200  # remembered from here on

    guesses = [ask(server, Authorization=WRONG) for _ in range(12)]

    assert [guess.status for guess in guesses] == [401] * 10 + [429] * 2
    assert ask(server).status == 200


def test_many_guesses_at_once_are_no_way_around_the_limit(start) -> None:
    server = start()
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(server, Authorization=WRONG).status)) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [statuses.count(status) for status in (401, 429)] == [10, 14]


def test_requests_without_proof_are_counted_by_address(start) -> None:
    server = start()

    statuses = [server.get("/models", Authorization="").status for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2
    assert ask(server).status == 429  # its password would have to be looked at


def test_proxies_of_ours_are_asked_for_the_address(start) -> None:
    server = start(PARLEY_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8")

    def guess(address: str) -> int:
        return ask(server, Authorization=WRONG, **{"X-Forwarded-For": address}).status

    assert [guess("203.0.113.7") for _ in range(11)] == [401] * 10 + [429]
    assert guess("6.6.6.6, 203.0.113.7, 10.1.1.1") == 429
    assert guess("203.0.113.8") == 401


def test_nobody_else_is_asked_for_the_address(start) -> None:
    server = start()

    statuses = [ask(server, Authorization=WRONG, **{"X-Forwarded-For": f"203.0.113.{n}"}).status for n in range(11)]

    assert statuses == [401] * 10 + [429]


def test_without_a_limit_nothing_is_said_of_one(server) -> None:
    reply = ask(server)

    assert (reply.status, told(reply)) == (200, [None] * 3)


@pytest.fixture
def wsgi(tmp_path: Path) -> FlaskClient:
    """The application as other servers run it, with a limit of three requests."""
    environment = {"PARLEY_ADMIN_PASSWORD": "open, sesame, open", "PARLEY_RATE_LIMIT": "3/hour"}
    settings = load_settings(tmp_path, environment=environment)
    return application_of(settings, wire_serving(settings)).test_client()


def test_another_server_keeps_the_limits_too(wsgi: FlaskClient) -> None:
    accepted = [wsgi.get("/models", auth=("admin", "open, sesame, open")) for _ in range(3)]
    refused = wsgi.get("/models", auth=("admin", "open, sesame, open"))

    assert [reply.status_code for reply in (*accepted, refused)] == [200] * 3 + [429]
    assert [reply.headers["RateLimit-Remaining"] for reply in (*accepted, refused)] == ["2", "1", "0", "0"]
    assert [wsgi.get("/models").status_code for _ in range(4)] == [401] * 3 + [429]
    assert wsgi.get("/models", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 401
