"""The server in front keeps to HTTP, loses no request when it is stopped, and lets no client disturb another."""

import json
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

HELLO = b'{"text": "hello"}'
# As many texts as one request may hold, and long ones: about a second of work.
LARGE = json.dumps({"texts": ["will it rain tomorrow " + "snow " * 190] * 1024}).encode()


@pytest.fixture
def own_server(start_server: Callable[..., Any], tiny_models: Path) -> Any:
    """A server that the test may stop."""
    return start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny")


def _ask_to_stop(server: Any) -> None:
    """Send the signal, and wait until the server takes no more connections."""
    server.process.terminate()
    with suppress(ConnectionError):
        while True:
            socket.create_connection(("127.0.0.1", server.port), timeout=10).close()


def test_a_request_that_is_worked_on_is_finished_before_the_server_stops(own_server, connect) -> None:
    connection = connect(own_server)
    connection.begin_to_predict(LARGE)
    connection.send(LARGE)

    own_server.process.terminate()

    status, _, body = connection.receive()
    assert (status, len(json.loads(body)["predictions"])) == (200, 1024)
    assert own_server.process.wait(timeout=20) == 0


def test_a_request_that_is_still_being_sent_is_finished_before_the_server_stops(own_server, connect) -> None:
    connection = connect(own_server)
    connection.begin_to_predict(HELLO)
    _ask_to_stop(own_server)

    connection.send(HELLO)

    assert connection.receive()[0] == 200
    assert own_server.process.wait(timeout=20) == 0


def test_a_server_that_stops_says_that_it_will_not_keep_the_connection(own_server, connect) -> None:
    connection = connect(own_server)
    connection.begin_to_predict(HELLO)
    _ask_to_stop(own_server)

    connection.send(HELLO)

    # unsaid, a client sends its next request into a connection that is about to go
    assert connection.receive()[1].get("connection") == "close"


def test_an_idle_connection_does_not_keep_a_server_from_stopping(own_server, connect) -> None:
    idle = connect(own_server)
    idle.get(b"/healthz")
    idle.receive()

    assert own_server.stop() == 0
    assert idle.receive()[0] == 0


def test_a_body_that_never_ends_keeps_a_server_as_long_as_it_was_told(start_server, tmp_path: Path, connect) -> None:
    server = start_server(tmp_path, PARLEY_DRAIN_S="0.1")
    connect(server).begin_to_predict(HELLO)

    assert server.stop() == 0
    assert "1 requests were still in flight" in server.log.read_text()


def test_a_connection_is_kept_for_further_requests(server, connect) -> None:
    connection = connect(server)
    connection.get(b"/healthz")
    connection.receive()

    connection.get(b"/healthz")

    assert connection.receive()[0] == 200


def test_requests_sent_at_once_are_answered_in_order(server, connect) -> None:
    connection = connect(server)

    connection.predict(json.dumps({"texts": ["hello"] * 500}).encode(), b"X-Request-ID: slow")
    connection.get(b"/nope", b"X-Request-ID: quick")
    connection.predict(HELLO, b"X-Request-ID: last")

    answered = [(status, headers["x-request-id"]) for status, headers, _ in (connection.receive() for _ in range(3))]
    assert answered == [(200, "slow"), (401, "quick"), (200, "last")]


@pytest.mark.parametrize("path", [b"/healthz", b"/", b"/apidocs/", b"/nope"])
def test_head_answers_as_get_without_the_body(server, connect, path: bytes) -> None:
    connection = connect(server)
    connection.get(path, b"X-Request-ID: r", method=b"HEAD")
    headed = connection.receive(head_only=True)

    connection.get(path, b"X-Request-ID: r")

    assert headed[:2] == connection.receive()[:2]


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(server, connect) -> None:
    connection = connect(server)
    connection.begin_to_predict(HELLO)

    connection.send(HELLO)

    assert connection.receive()[0] == 200


def test_bodies_sent_half_block_nobody(start_server, tmp_path: Path, connect) -> None:
    server = start_server(tmp_path, PARLEY_THREADS="1")

    for _ in range(20):
        connect(server).begin_to_predict(HELLO)

    assert server.get("/healthz").status == 200


@pytest.mark.parametrize("share", [0, 0.5, 0.999, 1], ids=["the head", "half", "nearly all", "all"])
def test_a_client_that_leaves_disturbs_nobody(own_server, connect, share: float) -> None:
    leaving = connect(own_server)
    leaving.predict(LARGE, sent=LARGE[: int(len(LARGE) * share)])
    leaving.close()

    assert own_server.post("/predict", {"text": "hello"}).status == 200
    assert own_server.stop() == 0
    assert not re.search("Traceback|ERROR|never retrieved|in flight", own_server.log.read_text())


@pytest.mark.parametrize("host", [b"x", b"x:8080", b"[::1]:8080", b"x:", b""])
def test_any_host_that_a_client_may_name_is_answered(server, connect, host: bytes) -> None:
    connection = connect(server)
    connection.get(b"/healthz", host=host)

    assert connection.receive()[0] == 200
