"""Whatever some do to be in the way, others are answered as ever, and each attacker gets what is documented."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.raw_connection import Connection, connecting
from tests.wellbeing import unharmed
from tests.workers import Clients

MIB = 1 << 20
DEEP = b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
Connect = Callable[[Any], Connection]


def half_a_head(connect: Connect, server: Any) -> set[int]:
    stalled = [connect(server) for _ in range(200)]
    for number, connection in enumerate(stalled):
        connection.send(b"POST /predict HTTP/1.1\r\nHost: x\r\nX-Number: "[: 5 + number % 40])
    return {connection.receive()[0] for connection in stalled}


def half_a_large_body(connect: Connect, server: Any) -> set[int]:
    stalled = [connect(server) for _ in range(5)]
    for connection in stalled:
        connection.predict(b" " * (90 * MIB), sent=b" " * MIB)
    return {connection.receive()[0] for connection in stalled}


def deep_json(connect: Connect, server: Any) -> set[int]:
    return {_ask(connect(server), DEEP) for _ in range(50)}


def a_list(connect: Connect, server: Any) -> set[int]:
    return {_ask(connect(server), json.dumps([{"text": "hello"}] * 1000).encode()) for _ in range(50)}


def a_long_head(connect: Connect, server: Any) -> set[int]:
    return {_ask(connect(server), b'{"text": "hello"}', b"X-Filler: " + b"x" * 10_000) for _ in range(50)}


def garbage_in_chunks(connect: Connect, server: Any) -> set[int]:
    statuses = set()
    for _ in range(50):
        connection = connect(server)
        connection.send(b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")
        statuses.add(connection.receive()[0])
    return statuses


def a_thousand_at_once(connect: Connect, server: Any) -> set[int]:
    connection = connect(server)
    for _ in range(10):
        connection.send(connection.asked(b'{"text": "hello"}') * 100)
        statuses = {connection.receive()[0] for _ in range(100)}
    return statuses


def bytes_of_any_kind(connect: Connect, server: Any) -> set[int]:
    chance = random.Random(3)  # noqa: S311 - the same bytes in each run
    statuses = set()
    for _ in range(100):
        connection = connect(server)
        with suppress(ConnectionError):
            connection.send(chance.randbytes(300) + b"\r\n\r\n")
            statuses.add(connection.receive()[0])
    return statuses


@pytest.mark.parametrize(
    ("attack", "documented"),
    [
        (half_a_head, {408}),
        (half_a_large_body, {408}),
        (deep_json, {400}),
        (a_list, {400}),
        (a_long_head, {200}),
        (garbage_in_chunks, {400}),
        (a_thousand_at_once, {200}),
        (bytes_of_any_kind, {400}),
    ],
)
def test_others_notice_nothing_and_the_attacker_gets_what_is_documented(
    target: Any, attack: Callable[[Connect, Any], set[int]], documented: set[int]
) -> None:
    with unharmed(target), Clients(target, 2, keep=True) as others, connecting() as connect:
        answered = attack(connect, target)
        others.answered_more(50)

    assert answered == documented
    assert set(others.answered) == {200}
    assert others.failed == []


def _ask(connection: Connection, body: bytes, *headers: bytes) -> int:
    connection.predict(body, *headers)
    return connection.receive()[0]
