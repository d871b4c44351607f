"""However a client sends its requests, it gets its answers, in order, and the other clients notice nothing of it."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.web.reply import Reply
from app.web.server.plain_connection import PlainConnection
from app.web.server.plain_request import PlainRequest
from tests.raw_connection import Connection

HELLO = b'{"text": "hello"}'
MANY = json.dumps({"texts": ["will it rain"] * 1024}).encode()
HALF_A_BODY = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
UNUSUAL = b"GET /healthz?x HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def impatient(start_server: Callable[..., Any], tiny_models: Path) -> Any:
    """A server that waits for nobody."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_HEAD_WITHIN_S="0.5",
        PARLEY_BODY_WITHIN_S="0.5",
        PARLEY_IDLE_S="3",
    )


def test_a_request_that_comes_byte_by_byte_is_answered(server: Any, connect: Callable[..., Connection]) -> None:
    connection = connect(server)
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: "

    for byte in head + server.authorization.encode() + b"\r\nContent-Length: 17\r\n\r\n" + HELLO:
        connection.send(bytes([byte]))

    assert connection.receive()[0] == 200


def test_hundreds_of_requests_sent_at_once_are_answered_in_order(
    server: Any, connect: Callable[..., Connection]
) -> None:
    connection = connect(server)

    def send() -> None:
        for number in range(500):
            connection.predict(HELLO, b"X-Request-ID: %d" % number)

    sender = threading.Thread(target=send)
    sender.start()

    answered = [connection.receive()[1]["x-request-id"] for _ in range(500)]

    sender.join()
    assert answered == [str(number) for number in range(500)]


class AtOnce:
    """Answers each request as it comes, by a long reply that says which it is."""

    is_leaving = False

    def answer(self, connection: PlainConnection, request: PlainRequest) -> bool:
        connection.take(request)
        connection.reply(Reply(200, (("Content-Length", "1000"),), request.path.encode().rjust(1_000)))
        return True

    def began(self, connection: PlainConnection) -> None: ...
    def ended(self, connection: PlainConnection) -> None: ...
    def closed(self, connection: PlainConnection, *, taken_over: bool) -> None: ...

    def slow(self, seconds: float) -> Reply:
        raise AssertionError(seconds)

    def take_over(self, connection: socket.socket, address: Any, received: bytes) -> None:  # noqa: ARG002 - as the keeper
        raise AssertionError(received)


def test_who_asks_far_ahead_and_reads_late_gets_each_answer_once() -> None:
    async def promised() -> list[str]:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        theirs.settimeout(30)  # what was lost never comes
        with theirs:
            PlainConnection(AtOnce(), _Named(ours), ("here", 0)).start()
            asked = b"".join(
                b"GET /%d HTTP/1.1\r\nHost: x\r\nX: %b\r\n\r\n" % (number, b"x" * 500) for number in range(4_000)
            )
            sending = asyncio.get_running_loop().run_in_executor(None, theirs.sendall, asked)
            await asyncio.sleep(0.1)
            reading = asyncio.get_running_loop().run_in_executor(None, _replies, theirs, 4_000)
            await sending
            return await reading

    assert asyncio.run(promised()) == [f"/{number}" for number in range(4_000)]


class _Named(socket.socket):
    """A socket of a pair, which takes the option of TCP that it does not have."""

    def __init__(self, of: socket.socket) -> None:
        super().__init__(of.family, of.type, of.proto, fileno=of.detach())

    def setsockopt(self, level: int, *option: Any) -> None:
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)


def _replies(connection: socket.socket, n: int) -> list[str]:
    with connection.makefile("rb") as stream:
        told = []
        for _ in range(n):
            head = [stream.readline(), stream.readline(), stream.readline()]
            assert head == [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 1000\r\n", b"\r\n"]
            told.append(stream.read(1_000).decode().strip())
        return told


def test_a_connection_that_becomes_unusual_keeps_its_order(server: Any, connect: Callable[..., Connection]) -> None:
    connection = connect(server)
    connection.predict(HELLO, b"X-Request-ID: plain")
    connection.predict(MANY, b"X-Request-ID: threads")
    connection.get(b"/healthz?x=1", b"X-Request-ID: query")
    connection.get(b"/healthz", b"X-Request-ID: after")

    answered = [connection.receive() for _ in range(4)]

    assert [(status, headers["x-request-id"]) for status, headers, _ in answered] == [
        (200, "plain"),
        (200, "threads"),
        (200, "query"),
        (200, "after"),
    ]


def test_a_client_that_reads_late_gets_its_answers_whole(server: Any, connect: Callable[..., Connection]) -> None:
    connection = connect(server)
    sender = threading.Thread(target=lambda: connection.send(b"".join(connection.asked(MANY) for _ in range(40))))
    sender.start()

    assert server.post("/predict", {"text": "hello"}).status == 200
    for _ in range(40):
        status, _, body = connection.receive()
        assert (status, len(json.loads(body)["predictions"])) == (200, 1024)
    sender.join()


@pytest.mark.parametrize("sent", [b"POST /predi", HALF_A_BODY], ids=["in a head", "in a body"])
@pytest.mark.parametrize("before", [b"", UNUSUAL], ids=["plain", "through Tornado"])
def test_a_client_that_stalls_is_told_and_closed(
    impatient: Any, connect: Callable[..., Connection], sent: bytes, before: bytes
) -> None:
    connection = connect(impatient)
    if before:
        connection.send(before)
        assert connection.receive()[0] == 200
    connection.send(sent)

    status, headers, body = connection.receive()

    assert (status, headers["connection"]) == (408, "close")
    assert json.loads(body)["error"]["code"] == "slow_request"
    assert connection.receive()[0] == 0


def test_a_client_that_asks_for_nothing_is_closed(impatient: Any, connect: Callable[..., Connection]) -> None:
    idle, through_tornado = connect(impatient), connect(impatient)
    through_tornado.send(UNUSUAL)
    assert through_tornado.receive()[0] == 200

    assert idle.receive()[0] == 0
    assert through_tornado.receive()[0] == 0


def test_hundreds_that_stall_are_in_nobodys_way(impatient: Any, connect: Callable[..., Connection]) -> None:
    stalled = [connect(impatient) for _ in range(200)]
    for connection in stalled:
        connection.send(b"POST /predict HTTP/1.1\r\nHost: ")

    assert {impatient.post("/predict", {"text": "hello"}).status for _ in range(20)} == {200}
    assert {connection.receive()[0] for connection in stalled} == {408}


def test_where_there_is_no_room_the_one_idle_longest_makes_it(
    start_server: Callable[..., Any], tiny_models: Path, connect: Callable[..., Connection]
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_MAX_CONNECTIONS="16")
    idle = [connect(server) for _ in range(16)]
    for connection in idle:
        connection.get(b"/healthz")
        connection.receive()

    late = connect(server)
    late.predict(HELLO)

    assert late.receive()[0] == 200
    assert idle[0].receive()[0] == 0
    idle[15].predict(HELLO)
    assert idle[15].receive()[0] == 200


def test_where_nobody_is_idle_one_too_many_is_told_to_come_back(
    start_server: Callable[..., Any], tiny_models: Path, connect: Callable[..., Connection]
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_MAX_CONNECTIONS="16")
    for _ in range(16):
        connect(server).send(HALF_A_BODY)

    status, headers, body = connect(server).receive()

    assert (status, headers["retry-after"]) == (503, "1")
    assert json.loads(body)["error"]["code"] == "overloaded"


def test_more_than_can_be_answered_soon_is_refused_and_health_is_not(
    start_server: Callable[..., Any], tiny_models: Path, connect: Callable[..., Connection]
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_MAX_WAIT_S="0.000001")
    server.post("/predict", {"text": "hello"})  # the password is known from now on
    connections = [connect(server) for _ in range(100)]
    statuses: set[int] = set()
    while 503 not in statuses:
        for connection in connections:
            connection.predict(HELLO)
        assert server.get("/healthz").status == 200
        answered = [connection.receive() for connection in connections]
        statuses |= {status for status, _, _ in answered}
        assert {headers["retry-after"] for status, headers, _ in answered if status == 503} <= {"1"}

    assert statuses <= {200, 503}
    assert server.post("/predict", {"text": "hello"}).status == 200


def test_a_client_that_resets_its_connection_disturbs_nobody(server: Any) -> None:
    for sent in (b"", b"GET ", HALF_A_BODY, UNUSUAL):
        leaving = socket.create_connection(("127.0.0.1", server.port))
        leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        leaving.sendall(sent)
        leaving.close()

    assert server.get("/healthz").status == 200
    assert "Traceback" not in server.log.read_text()
