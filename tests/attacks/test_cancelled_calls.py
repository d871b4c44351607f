"""Who leaves in the middle of a call leaves nothing behind that somebody else would be given (S35)."""

import json
import random
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.raw_connection import Connection, connecting
from tests.redis_server import RedisServer
from tests.wellbeing import unharmed

RESET = b"\1\0\0\0\0\0\0\0"  # no goodbye: the other side sees a reset


@pytest.fixture(scope="module")
def shared_counts(start_server: Callable[..., Any], tiny_models: Any, redis_process: RedisServer) -> Any:
    """A server that counts its requests in Redis."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_REDIS_URL=redis_process.database(2),
        PARLEY_RATE_LIMIT="1000000/minute",
    )


def test_a_thousand_calls_that_are_cancelled_deliver_no_answer_to_another(shared_counts: Any) -> None:
    """S35."""
    chance = random.Random(35)  # noqa: S311 - the same in each run
    texts = json.dumps({"texts": ["will it rain"] * 100}).encode()
    n_seen = 0
    with unharmed(shared_counts, mb=64), connecting() as connect:
        staying = [connect(shared_counts) for _ in range(4)]
        for number in range(1_000):
            leaving = Connection(shared_counts)
            body = texts if number % 4 == 0 else json.dumps({"text": f"leaves {number}"}).encode()
            asked = leaving.asked(body, b"X-Request-ID: leaves-%d" % number)
            leaving.send(asked * 2 if number % 3 else asked[: chance.randint(1, len(asked))])
            if number % 2:
                leaving._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            leaving.close()
            if number % 10 == 0:
                n_seen += _each_gets_its_own(staying, number)

    assert n_seen == 400


def _each_gets_its_own(staying: list[Connection], number: int) -> int:
    """Ask over all connections at once, then read all answers."""
    for place, connection in enumerate(staying):
        connection.predict(b'{"text": "stays %d %d"}' % (number, place), b"X-Request-ID: stays-%d-%d" % (number, place))
    for place, connection in enumerate(staying):
        status, headers, answer = connection.receive()
        assert (status, headers["x-request-id"]) == (200, f"stays-{number}-{place}")
        assert json.loads(answer)["text"] == f"stays {number} {place}"
    return len(staying)


@pytest.mark.controls("one-answer-at-a-time")
def test_an_answer_that_is_slow_is_not_overtaken_by_one_that_was_asked_for_behind_it(shared_counts: Any) -> None:
    """S35. A client that takes the first answer for that to its first request is right."""
    slow = json.dumps({"texts": [f"will it rain {number}" for number in range(900)]}).encode()
    with unharmed(shared_counts, mb=64), connecting() as connect:
        for _ in range(20):
            connection = connect(shared_counts)
            connection.predict(slow, b"X-Request-ID: first")
            connection.predict(b'{"text": "hello"}', b"X-Request-ID: second")

            assert [connection.receive()[1].get("x-request-id") for _ in range(2)] == ["first", "second"]
