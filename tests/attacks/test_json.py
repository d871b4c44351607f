"""JSON that is deep, endless, doubled or no JSON is refused by a sentence and never takes a worker down (S34)."""

from typing import Any

import pytest

from tests.attacks.cpu import cost
from tests.wellbeing import unharmed

DEPTH = 100_000
LISTS = b"[" * DEPTH + b"]" * DEPTH
ODD = {
    "deep lists": LISTS,
    "deep lists that do not end": b"[" * DEPTH,
    "a field that is deep": b'{"text": ' + LISTS + b"}",
    "deep objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "a number of 5,000 digits": b'{"text": "a", "top_k": ' + b"9" * 5_000 + b"}",
    "a number of a million digits": b'{"text": "a", "top_k": ' + b"9" * 1_000_000 + b"}",
    "1e400": b'{"text": "a", "top_k": 1e400}',
    "NaN": b'{"text": "a", "top_k": NaN}',
    "a list": b'[{"text": "a"}]',
    "a model of a million letters": b'{"text": "a", "model": "' + b"m" * 1_000_000 + b'"}',
}
TEXTS = {"text": "hello"}
TO_TRAIN = {
    "deep configuration": b'{"model": "m", "config": {"a": ' + LISTS + b"}}",
    "a learning rate of 1e400": b'{"model": "tiny", "config": {"training": {"learning_rate": 1e400}}}',
    "a learning rate of NaN": b'{"model": "tiny", "config": {"training": {"learning_rate": NaN}}}',
    "epochs of 5,000 digits": b'{"model": "tiny", "config": {"training": {"epochs": ' + b"9" * 4_000 + b"}}}",
    "examples that are a list of lists": b'{"model": "m", "examples": ' + LISTS + b"}",
    "a checks file": b'{"checks": ' + LISTS + b"}",
}


def _refused(server: Any, method: str, path: str, body: bytes) -> tuple[int, str]:
    reply = server.request(method, path, body, {"Content-Type": "application/json"})
    return reply.status, reply.json()["error"]["code"]


@pytest.mark.parametrize("path", ["/predict", "/predict?through=Tornado"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body, id=name, marks=[pytest.mark.controls("typed-json")] if "deep" in name else [])
        for name, body in ODD.items()
    ],
)
def test_it_is_refused_and_costs_less_than_a_second(server: Any, path: str, body: bytes) -> None:
    """S34."""
    with unharmed(server), cost(server) as spent:
        status, code = _refused(server, "POST", path, body)

    assert status in {400, 413}, code
    assert spent.seconds < 1


@pytest.mark.parametrize("body", TO_TRAIN.values(), ids=TO_TRAIN.keys())
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/train"), ("PUT", "/models/tiny/checks"), ("POST", "/models/tiny/activate")]
)
def test_wherever_json_is_taken_it_is_refused_alike(server: Any, method: str, path: str, body: bytes) -> None:
    """S34."""
    with unharmed(server), cost(server) as spent:
        status, code = _refused(server, method, path, body)

    assert status in {400, 413, 422}, code
    assert spent.seconds < 1


def test_of_a_field_that_comes_twice_the_last_counts_and_both_are_looked_at(server: Any) -> None:
    """S34, amended: RFC 8259 leaves it to the reader; the one that counts is the one that is checked."""
    status, _ = _refused(server, "POST", "/predict", b'{"text": "hello", "model": "tiny", "model": "../etc"}')

    assert status == 400
