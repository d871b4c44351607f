"""However much a client sends, and whatever it says that it will, nobody else notices and no memory is held for it."""

import gzip
import json
import threading
from contextlib import suppress
from typing import Any

import pytest

from tests.raw_connection import Connection, connecting
from tests.wellbeing import holding, unharmed

MIB = 1 << 20
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_two_hundred_megabytes_are_refused_and_not_kept(target: Any) -> None:
    with unharmed(target), connecting() as connect:
        before = holding(target).mb
        connection = connect(target)
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n" % (200 * MIB))
        for _ in range(200):
            connection.send(b" " * MIB)
        held = holding(target).mb

        status, _, body = connection.receive()

        assert held < before + 24
        assert (status, json.loads(body)["error"]["code"]) == (401, "authentication")  # and nothing of it was looked at


@pytest.mark.parametrize("signed_in", [True, False])
def test_chunks_without_end_are_cut_off_and_not_kept(target: Any, *, signed_in: bool) -> None:
    with unharmed(target), connecting() as connect:
        before = holding(target).mb
        connection = connect(target)
        proof = f"Authorization: {target.authorization}\r\n".encode() if signed_in else b""
        connection.send(HEAD + proof + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * MIB + b"\r\n"
        with pytest.raises(ConnectionError):
            connection.send_again_and_again(chunk, 1200)

        assert holding(target).mb < before + 24


def test_what_is_compressed_is_not_inflated(target: Any) -> None:
    bomb = gzip.compress(b" " * (256 * MIB), compresslevel=9)
    with unharmed(target):
        for _ in range(20):
            reply = target.request(
                "POST", "/predict", bomb, {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            )

            assert (reply.status, reply.json()["error"]["code"]) == (400, "malformed_body")


def test_a_length_beyond_all_bounds_loses_its_connection(target: Any) -> None:
    with unharmed(target), connecting() as connect:
        for length in (b"99999999999", b"9" * 40, b"9" * 6000):
            connection = connect(target)
            connection.send(HEAD + b"Content-Length: " + length + b"\r\n\r\n")

            assert connection.receive()[0] in {400, 0}


@pytest.mark.parametrize(
    "body",
    [
        b"x\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"5;" + b"x" * 70_000 + b"\r\nhello\r\n0\r\n\r\n",
        b"\0\xff\xfe\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
    ],
    ids=["no number", "negative", "longer than told", "endless", "an endless extension", "bytes", "a blank"],
)
def test_garbage_in_chunks_is_refused_and_loses_its_connection(target: Any, body: bytes) -> None:
    with unharmed(target), connecting() as connect:
        connection = connect(target)
        with suppress(ConnectionError):
            connection.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)

            assert connection.receive()[0] in {400, 0}
            assert connection.receive()[0] == 0


@pytest.mark.parametrize("n_bytes", [10_000, 60_000])
def test_a_long_head_is_read(target: Any, n_bytes: int) -> None:
    with unharmed(target), connecting() as connect:
        connection = connect(target)
        connection.predict(b'{"text": "hello"}', b"X-Filler: " + b"x" * n_bytes)

        assert connection.receive()[0] == 200


def test_a_head_without_end_loses_its_connection(target: Any) -> None:
    with unharmed(target), connecting() as connect:
        connection = connect(target)
        with suppress(ConnectionError):
            connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(20_000):
                connection.send(b"X-%d: y\r\n" % number)

            assert connection.receive()[0] in {400, 431, 0}


def test_large_bodies_of_many_that_stall_are_not_kept_without_bound(target: Any) -> None:
    with unharmed(target, mb=96), connecting() as connect:
        before = holding(target).mb
        stalled = [connect(target) for _ in range(400)]
        sending = [threading.Thread(target=_send_nearly_all, args=(connection,)) for connection in stalled]
        for begin in range(0, 400, 50):
            for thread in sending[begin : begin + 50]:
                thread.start()
            for thread in sending[begin : begin + 50]:
                thread.join()

        assert holding(target).mb < before + 200  # and not 400: nobody has to prove anything to send a body
        assert target.post("/predict", {"text": "hello"}).status == 200


def test_a_large_body_that_comes_while_others_hold_all_the_room_is_sent_away_with_a_time_to_come_back(
    target: Any,
) -> None:
    with unharmed(target, mb=96), connecting() as connect:
        stalled = [connect(target) for _ in range(180)]
        for connection in stalled:
            _send_nearly_all(connection)
        statuses = set()
        while 503 not in statuses:
            late = connect(target)
            late.predict(json.dumps({"texts": ["hello"]}).encode().ljust(MIB))
            status, headers, body = late.receive()
            statuses.add(status)
            if 200 in statuses and {connection.receive()[0] for connection in stalled} == {408}:
                break  # a slow machine has given them up before

        assert statuses <= {200, 503}
        if status == 503:
            assert (headers["retry-after"], json.loads(body)["error"]["code"]) == ("1", "overloaded")
        assert target.post("/predict", {"text": "hello"}).status == 200


def _send_nearly_all(connection: Connection) -> None:
    with suppress(OSError):
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n" % MIB + b" " * (MIB - 1))
