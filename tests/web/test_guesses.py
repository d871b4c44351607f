"""Guesses are throttled without any setting, over all workers, before a password is looked at; others do not notice."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.bootstrap.serving import Serving, wire_serving
from app.domain.caller import Scope
from app.settings import load_settings
from app.web.answering import Answering
from app.web.application import OPERATIONS
from app.web.request import Request
from app.web.wsgi import answering_of
from tests.proofs import Keys, basic, identity_of
from tests.server import PASSWORD

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
RIGHT = basic("admin", PASSWORD)
[MODELS] = [operation for operation in OPERATIONS if operation.name == "list_models"]


@pytest.fixture
def wired(tiny_models: Path, tmp_path: Path) -> Iterator[Serving]:
    environment = {"PARLEY_ADMIN_PASSWORD": PASSWORD, "PARLEY_MODELS_DIR": str(tiny_models)}
    serving = wire_serving(load_settings(tmp_path, environment=environment))
    yield serving
    serving.identity.close()


@pytest.fixture
def answering(wired: Serving, tmp_path: Path) -> Answering:
    return answering_of(load_settings(tmp_path, environment={"PARLEY_TRUSTED_PROXIES": "10.0.0.1"}), wired)


def ask(answering: Answering, proof: str | None, peer: str = HERE, **headers: str) -> int:
    given = {"authorization": proof, **headers} if proof else headers
    return answering.answer(MODELS, Request(given.get, b"", {}, peer)).status


@pytest.fixture
def n_computed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count how often a password was looked at."""
    computed: list[None] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, *arguments: Any) -> bool:
        computed.append(None)
        return bool(verify(self, *arguments))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return lambda: len(computed)


def test_of_ten_thousand_guesses_thirty_are_looked_at_and_nobody_else_notices(answering, n_computed) -> None:
    assert ask(answering, RIGHT) == 200
    n_before = n_computed()

    statuses = [ask(answering, basic("admin", f"guess {number}")) for number in range(10_000)]

    assert n_computed() - n_before == 30
    assert (statuses.count(401), statuses.count(429)) == (30, 9_970)
    assert ask(answering, RIGHT) == 200  # its proof is remembered
    assert ask(answering, RIGHT, ELSEWHERE) == 200
    assert ask(answering, basic("admin", "wrong"), ELSEWHERE) == 401


@pytest.mark.parametrize(
    "guess",
    [
        {"proof": "Bearer prl_wrong"},
        {"proof": "Basic !"},
        {"proof": "Bearer " + "x" * 9_000},
        {"proof": None, "x-api-key": "prl_wrong"},
        {"proof": None, "cookie": "parley=" + "x" * 43, "x-csrf-token": "x" * 43},
    ],
    ids=["a token", "no base64", "too long", "a key", "a session"],
)
def test_proofs_of_every_kind_are_throttled(answering, guess: dict[str, Any]) -> None:
    statuses = [ask(answering, guess["proof"], **{k: v for k, v in guess.items() if k != "proof"}) for _ in range(40)]

    assert statuses == [401] * 30 + [429] * 10
    assert ask(answering, RIGHT) == 429  # which was never seen before
    assert ask(answering, None) == 401  # nobody is locked out who does not guess


def test_a_refusal_says_when_the_next_is_looked_at(answering) -> None:
    request = Request({"authorization": "Bearer wrong"}.get, b"", {}, HERE)
    replies = [answering.answer(MODELS, request) for _ in range(31)]

    headers = dict(replies[-1].headers)
    assert b'"too_many_guesses"' in replies[-1].body
    assert 0 < int(headers["Retry-After"]) <= 64


def test_a_remembered_caller_comes_in_whatever_is_changed_about_identity(answering, wired) -> None:
    key = Keys(wired.identity).make(Scope.PREDICT)
    assert ask(answering, key) == 200
    for _ in range(30):
        ask(answering, "Bearer wrong")

    wired.identity.changes.increase()

    assert ask(answering, key) == 200


def test_a_remembered_proof_that_is_of_no_use_any_more_is_a_guess_from_then_on(answering, wired) -> None:
    keys = Keys(wired.identity)
    key = keys.make(Scope.PREDICT)
    assert ask(answering, key) == 200

    wired.identity.keys.revoke(wired.identity.keys.of("admin")[0].id, "admin")

    assert [ask(answering, key) for _ in range(35)] == [401] * 30 + [429] * 5


def test_one_clients_addresses_of_ipv6_are_one_and_a_proxys_clients_are_many(answering) -> None:
    statuses = [ask(answering, "Bearer wrong", f"2001:db8:1:2::{number:x}") for number in range(1, 41)]
    assert statuses == [401] * 30 + [429] * 10

    statuses = [ask(answering, "Bearer wrong", "10.0.0.1", forwarded=f"for=192.0.2.{n}") for n in range(40)]
    assert statuses == [401] * 40


def test_all_workers_count_together(start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(tmp_path, PARLEY_WORKERS="2")

    # a connection of its own each, so that both workers are asked
    statuses = [server.get("/models", Authorization="Bearer wrong").status for _ in range(50)]

    assert statuses == [401] * 30 + [429] * 20
    with identity_of(server) as identity:
        key = Keys(identity).make(Scope.PREDICT)
    assert server.from_address("127.0.4.1").get("/models", Authorization=key).status == 200
