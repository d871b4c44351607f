"""Clients that leave, whenever they do, take nothing along and leave nothing behind."""

import json
import random
import socket
from typing import Any

import pytest

from tests.raw_connection import Connection, connecting
from tests.wellbeing import unharmed

RESET = b"\1\0\0\0\0\0\0\0"  # no goodbye: the other side sees a reset
TEXTS = json.dumps({"texts": ["will it rain"] * 200}).encode()


def test_a_thousand_clients_that_leave_get_nobody_anothers_answer(target: Any) -> None:
    chance = random.Random(7)  # noqa: S311 - the same bytes in each run
    with unharmed(target, mb=96), connecting() as connect:  # many texts at once take memory once
        staying = connect(target)
        for number in range(1_000):
            leaving = Connection(target)
            body = TEXTS if number % 3 else json.dumps({"text": f"will it rain {number}"}).encode()
            asked = leaving.asked(body, b"X-Request-ID: leaves-%d" % number)
            leaving.send(asked[: chance.randint(1, len(asked))] if number % 2 else asked * 2)
            if number % 5 == 0:
                leaving._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            leaving.close()
            if number % 10 == 0:  # somebody who asks over and over gets the own answers only
                staying.predict(b'{"text": "hello %d"}' % number, b"X-Request-ID: stays-%d" % number)
                status, headers, answer = staying.receive()
                assert (headers["x-request-id"], status) == (f"stays-{number}", 200), answer
                assert json.loads(answer)["text"] == f"hello {number}"


@pytest.mark.parametrize("body", [b'{"text": "hello"}', TEXTS], ids=["at once", "by threads"])
def test_who_says_that_nothing_follows_is_answered_all_that_was_asked(target: Any, body: bytes) -> None:
    with unharmed(target), connecting() as connect:
        connection = connect(target)
        connection.send(connection.asked(body) * 20)
        connection._socket.shutdown(socket.SHUT_WR)

        assert [connection.receive()[0] for _ in range(21)] == [200] * 20 + [0]
