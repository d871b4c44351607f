"""System B as it was in 2018: single accounts are rated and learned behind a token, which nothing writes down."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from app.domain.caller import Caller, Scope
from app.domain.draft import LabelledText
from app.domain.job import JobState
from app.domain.prediction import IntentScore, Prediction
from app.domain.training_errors import UntrainableOrderError
from app.service.labelled_texts import texts_of
from app.service.predict import AnsweredRecord
from app.web.contracts import single_accounts
from app.web.contracts.contract import Terms
from app.web.operation import Call
from tests.proofs import Keys, identity_of
from tests.server import Reply, Server

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BIO = {"bio": "Buy payday loans online today. Visit our website for payday loans.", "area": "7"}


@pytest.fixture(scope="module")
def keys(contracts) -> Any:
    with identity_of(contracts) as identity:
        yield Keys(identity)


@pytest.fixture(scope="module")
def token(keys: Keys) -> str:
    """What an operator gives to an old client."""
    return token_of(keys.make(Scope.PREDICT, Scope.TRAIN, models=frozenset({"accounts"})))


def token_of(proof: str) -> str:
    return proof.removeprefix("Bearer ")


def put(server: Server, what: str, arguments: dict[str, Any], kind: str = "", **headers: str) -> Reply:
    """Send arguments in the query, or in a body of some kind."""
    path = f"/api/1.0/234/{what}"
    if not kind:
        return server.request("PUT", f"{path}?{urlencode(arguments)}", None, headers)
    body = json.dumps(arguments) if kind == JSON else urlencode(arguments)
    return server.request("PUT", path, body, {"Content-Type": kind, **headers})


@pytest.mark.parametrize("kind", ["", JSON, FORM])
def test_an_account_that_comes_along_is_rated_wherever_its_arguments_stand(anybody, token: str, kind: str) -> None:
    reply = put(anybody, "rate", {"token": token, **BIO}, kind)

    assert (reply.status, reply.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("what", ["rate", "train"])
@pytest.mark.parametrize("known", [{}, {"bio": ""}, {"further": "of this no model knows anything"}])
def test_an_account_of_which_nothing_is_known_is_not_found(
    anybody, token: str, what: str, known: dict[str, str]
) -> None:
    reply = put(anybody, what, {"token": token, "is_spammer": True, **known}, JSON)

    assert (reply.status, reply.json()) == (200, {"status": "could not find editor"})


@pytest.mark.parametrize("what", ["rate", "train"])
def test_a_bad_token_is_forbidden_in_its_shape(anybody, keys: Keys, what: str) -> None:
    elsewhere = anybody.from_address(f"127.0.1.{len(what)}")
    for bad in ("nonsense", token_of(keys.revoked()), token_of(keys.expired())):
        reply = put(elsewhere, what, {"token": bad, "is_spammer": True, **BIO})

        assert (reply.status, reply.json().keys()) == (403, {"message"})
        assert "WWW-Authenticate" not in reply.headers


def test_a_token_does_what_it_is_for_and_no_more(anybody, keys: Keys) -> None:
    asks, elsewhere = keys.make(Scope.PREDICT), keys.make(*Scope, models=frozenset({"bot"}))

    assert put(anybody, "rate", {"token": token_of(asks), **BIO}).status == 200
    assert put(anybody, "train", {"token": token_of(asks), "is_spammer": True, **BIO}).status == 403
    assert put(anybody, "rate", {"token": token_of(elsewhere), **BIO}).status == 403


def test_guesses_at_a_token_are_counted_as_all_are(anybody, token: str) -> None:
    guessing = anybody.from_address("127.0.1.77")

    statuses = [put(guessing, "rate", {"token": f"prl_{number}", **BIO}).status for number in range(32)]

    assert (set(statuses[:30]), statuses[-1]) == ({403}, 429)
    assert put(anybody, "rate", {"token": token, **BIO}).status == 200


@pytest.mark.parametrize(
    ("what", "arguments", "name"),
    [
        ("rate", {}, "token"),
        ("rate", {"token": ""}, "token"),
        ("train", {"is_spammer": True}, "token"),
        ("train", {"token": "TOKEN"}, "is_spammer"),
        ("train", {"token": "TOKEN", "is_spammer": "perhaps"}, "is_spammer"),
        ("train", {"token": "TOKEN", "is_spammer": ""}, "is_spammer"),
    ],
    ids=range(6),
)
def test_an_argument_that_is_missing_or_wrong_is_named(
    anybody, token: str, what: str, arguments: dict[str, Any], name: str
) -> None:
    given = {key: token if value == "TOKEN" else value for key, value in arguments.items()}

    reply = put(anybody, what, {**given, **BIO})

    assert (reply.status, reply.json()["message"].keys()) == (400, {name})


@pytest.mark.parametrize("body", ["{", "[]", '"x"', b"\xff"], ids=range(4))
def test_a_body_that_is_none_is_a_4xx_in_its_shape(anybody, token: str, body: str | bytes) -> None:
    reply = anybody.request("PUT", f"/api/1.0/234/rate?token={token}", body, {"Content-Type": JSON})
    other = anybody.request("PUT", f"/api/1.0/234/rate?token={token}", "<a/>", {"Content-Type": "application/xml"})

    assert [(one.status, one.json().keys()) for one in (reply, other)] == [(400, {"message"}), (415, {"message"})]


@pytest.mark.parametrize(("kind", "status"), [(JSON, 413), (FORM, 400)])
def test_a_body_that_is_far_more_than_an_account_is_not_read(anybody, kind: str, status: int) -> None:
    reply = put(anybody, "rate", {"bio": "x" * 70_000}, kind)

    assert (reply.status, reply.json().keys()) == (status, {"message"})
    assert "over 65,536 bytes" in reply.json()["message"]


def test_every_other_proof_is_one_too_but_not_beside_a_token(contracts, token: str) -> None:
    assert put(contracts, "rate", BIO).json() == {"status": "ok"}
    assert put(contracts, "rate", {"token": token, **BIO}).status == 400


def test_nothing_writes_a_token_down(contracts, anybody, keys: Keys) -> None:
    good, bad = token_of(keys.make(Scope.PREDICT)), "a-token-of-nobody"
    put(anybody, "rate", {"token": good, **BIO})
    put(anybody.from_address("127.0.1.78"), "rate", {"token": bad, **BIO})

    folder = Path(contracts.log).parent
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert good.encode() not in written
    assert bad.encode() not in written


class _Parts:
    """Services that note what they are asked."""

    def __init__(self, *, is_under_way: bool = False, has_learned: bool = False) -> None:
        self.drafted: list[LabelledText] = []
        self.wishes: list[Any] = []
        self._has_learned = has_learned
        self._jobs = [SimpleNamespace(id=uuid4())] if is_under_way else []
        self.predict = SimpleNamespace(one_record=lambda *_: (SimpleNamespace(name="accounts"), self._answer()))
        self.drafts = SimpleNamespace(add=lambda _, dataset, *__: self.drafted.extend(texts_of(dataset)))
        self.jobs = SimpleNamespace(page=lambda **asked: self._jobs if asked.get("state") is JobState.RUNNING else [])
        self.train = SimpleNamespace(submit=self._submit)

    def _answer(self) -> AnsweredRecord:
        return AnsweredRecord(Prediction("spam", 0.9, None, (IntentScore("spam", 0.9),)), ())

    def _submit(self, wish: Any, *_: object) -> Any:
        if self._has_learned:
            raise UntrainableOrderError("there is nothing new", field="examples")
        self.wishes.append(wish)
        return SimpleNamespace(id=uuid4(), at=datetime.now(UTC))


def learn(parts: Any, verdict: object) -> Any:
    [_, learns] = single_accounts.operations(Terms("accounts", "accounts"))
    body = json.dumps({"bio": "x", "is_spammer": verdict}).encode()
    caller = Caller("key:1", frozenset({Scope.TRAIN}))
    return learns.handle(parts, Call("", body, {"editor": "234"}, caller, header={"content-type": JSON}.get)).body


@pytest.mark.parametrize(
    ("verdict", "intent"),
    [(True, "spam"), (1, "spam"), ("True", "spam"), (False, "genuine"), (0, "genuine"), ("False", "genuine")],
)
def test_a_verdict_is_kept_and_a_training_begun(verdict: object, intent: str) -> None:
    parts = _Parts()

    assert learn(parts, verdict).status == "ok"
    assert parts.drafted == [LabelledText('{"bio":"x"}', intent)]
    assert [(wish.model, wish.mode) for wish in parts.wishes] == [("accounts", "incremental")]


def test_a_training_that_is_under_way_is_not_followed_by_one_for_each_verdict() -> None:
    parts = _Parts(is_under_way=True)

    assert learn(parts, verdict=True).status == "ok"
    assert (len(parts.drafted), parts.wishes) == (1, [])


def test_a_verdict_that_was_learned_before_is_no_error() -> None:
    assert learn(_Parts(has_learned=True), verdict=True).status == "ok"
