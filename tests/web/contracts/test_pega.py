"""System P: topics with scores as text, behind a token or open, and every mistake in its own error body."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.caller import Scope
from app.domain.identity import ADMIN
from tests.proofs import Keys, identity_of
from tests.web.oauth.conftest import Office

JSON = "application/json"
DOORS = ("/noauth/predict", "/auth/predict")


def asked(server: Any, path: str, content: object, **headers: str) -> Any:
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    return server.request("POST", path, body, {"Content-Type": JSON, **headers})


@pytest.fixture(scope="module")
def keys(contracts) -> Any:
    with identity_of(contracts) as identity:
        yield Keys(identity)


@pytest.fixture
def office(contracts) -> Iterator[Office]:
    office = Office(contracts)
    yield office
    office.identity.close()


def test_a_text_has_its_topic_and_a_score_of_two_decimals(anybody, contracts) -> None:
    text = "book a table for two"
    reply = asked(anybody, "/noauth/predict", {"modelIdentifier": "bot", "text": text})
    native = contracts.post("/predict", {"text": text, "model": "bot"}).json()

    assert (reply.status, reply.json()) == (
        200, {"text": text, "topic": {"name": "booking", "score": f"{native['confidence']:.2f}"}}
    )  # fmt: skip


def test_texts_with_semicolons_are_answered_one_by_one(anybody) -> None:
    text = "hello there; ;book a table for two;"
    reply = asked(anybody, "/noauth/predict", {"modelIdentifier": "bot", "text": text})
    told = reply.json()

    assert (reply.status, told["text"]) == (200, text)
    assert [topic["name"] for topic in told["topics"]] == ["greeting", "booking"]
    assert told["topic"] == max(told["topics"], key=lambda topic: float(topic["score"]))


@pytest.mark.parametrize("text", ["", ";", " ; ", "qqqq zzzz"])
def test_a_text_of_nothing_has_a_topic_without_a_name(anybody, text: str) -> None:
    reply = asked(anybody, "/noauth/predict", {"modelIdentifier": "bot", "text": text})

    assert (reply.status, reply.json()["topic"]) == (200, {"name": "", "score": "0.00"})


@pytest.mark.parametrize("content", [{}, {"text": "hello"}, {"modelIdentifier": "bot"}])
def test_a_key_that_is_missing_has_its_error_body(anybody, content: object) -> None:
    reply = asked(anybody, "/noauth/predict", content)

    assert (reply.status, reply.json()) == (
        400, {"status": "Error Accessing Keys", "statusCode": "400", "message": "Mapping key not found."}
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "{", "[]", '"hello"', b"\xff", {"modelIdentifier": "bot", "text": 5}, {"modelIdentifier": 5, "text": "hello"},
        {"modelIdentifier": "nope", "text": "hello"}, {"modelIdentifier": "../models/bot", "text": "hello"},
        {"modelIdentifier": "bot", "text": ";".join(["hello"] * 1025)},
        {"modelIdentifier": "bot", "text": "x" * 10_001},
        {"modelIdentifier": "accounts", "text": "hello"},
    ],
    ids=range(11),
)  # fmt: skip
@pytest.mark.parametrize("path", DOORS)
def test_what_else_is_wrong_has_the_other_one(contracts, path: str, content: Any) -> None:
    reply = asked(contracts, path, content)

    assert 400 <= reply.status < 500
    assert reply.json().keys() == {"status", "statusCode", "message"}
    assert (reply.json()["status"], reply.json()["statusCode"]) == ("Unknown Error", str(reply.status))


def test_without_credentials_one_model_is_answered_and_no_other(anybody) -> None:
    reply = asked(anybody, "/noauth/predict", {"modelIdentifier": "tiny", "text": "hello"})

    assert (reply.status, reply.json()["status"]) == (403, "Unknown Error")


def test_a_token_opens_the_other_door(contracts, keys) -> None:
    content = {"modelIdentifier": "tiny", "text": "hello there"}

    assert asked(contracts, "/auth/predict", content, Authorization=keys.make(Scope.PREDICT)).json()["topic"][
        "name"
    ] == ("greeting")
    assert asked(contracts, "/auth/predict", content, Authorization=keys.make(Scope.TRAIN)).status == 403


def test_no_token_and_a_bad_one_have_its_empty_message(contracts, keys) -> None:
    content = {"modelIdentifier": "bot", "text": "hello"}
    elsewhere = contracts.from_address("127.0.0.78")
    for bad in ("", "Bearer nonsense", keys.revoked(), keys.expired()):
        reply = asked(elsewhere, "/auth/predict", content, Authorization=bad)

        assert (reply.status, reply.json()) == (401, {"message": None})


def test_a_token_of_oauth2_with_the_old_scope_opens_it_until_it_is_revoked(contracts, office) -> None:
    content = {"modelIdentifier": "bot", "text": "hello there"}
    bot, trainer = (office.new_client(ADMIN, (scope,)) for scope in (Scope.PREDICT, Scope.TRAIN))
    token = office.tokens(bot, grant_type="client_credentials", scope="profile")["access_token"]
    other = office.tokens(trainer, grant_type="client_credentials")["access_token"]

    first = asked(contracts, "/auth/predict", content, Authorization=f"Bearer {token}")
    without_scope = asked(contracts, "/auth/predict", content, Authorization=f"Bearer {other}")
    revoked = office.send("/oauth/revoke", bot, {"token": token})
    then = asked(contracts, "/auth/predict", content, Authorization=f"Bearer {token}")

    assert (first.status, first.json()["topic"]["name"]) == (200, "greeting")
    assert (without_scope.status, without_scope.json()["statusCode"]) == (403, "403")
    assert (revoked.status, then.status, then.json()) == (200, 401, {"message": None})


def test_its_documents_are_where_pega_looks(anybody) -> None:
    docs, page = anybody.get("/api/docs"), anybody.get("/doc")

    assert (docs.status, docs.headers["Location"]) == (302, "/swagger.json")
    assert (page.status, page.headers["Location"]) == (302, "/apidocs/")
    document = anybody.get("/swagger.json").json()
    assert document["paths"]["/auth/predict"]["post"]["tags"] == ["pega"]
