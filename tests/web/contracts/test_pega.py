"""System P: topics with scores as text, behind a token or open, and every mistake in its own error body."""

import json
import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest

from app.domain.caller import Scope
from app.domain.identity import ADMIN, ClientAuthentication, GrantType
from app.service.identity.made_secrets import digest_of
from tests.proofs import Keys, basic, identity_of

JSON = "application/json"
DOORS = ("/noauth/predict", "/auth/predict")


def asked(server: Any, path: str, content: object, **headers: str) -> Any:
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    return server.request("POST", path, body, {"Content-Type": JSON, **headers})


@pytest.fixture(scope="module")
def keys(contracts) -> Any:
    with identity_of(contracts) as identity:
        yield Keys(identity)


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


class Service:
    """A service of Pega's, with a client of its own."""

    def __init__(self, server: Any, identity: Any) -> None:
        self._server = server
        client, secret = identity.clients.register(
            ADMIN, "a service", frozenset({Scope.PREDICT, Scope.TRAIN}), None,
            frozenset({GrantType.CLIENT_CREDENTIALS}), (), ClientAuthentication.BASIC, "", ADMIN,
        )  # fmt: skip
        self._proof = basic(client.id, secret)

    def sent(self, path: str, **fields: str) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": self._proof}
        return self._server.request("POST", path, urlencode(fields), headers)

    def token(self, scope: str) -> str:
        return str(self.sent("/oauth/token", grant_type="client_credentials", scope=scope).json()["access_token"])

    def asked_with(self, token: str) -> Any:
        content = {"modelIdentifier": "bot", "text": "hello there"}
        return asked(self._server, "/auth/predict", content, Authorization=f"Bearer {token}")


@pytest.fixture(scope="module")
def service(contracts, keys) -> Service:
    return Service(contracts, keys.identity)


def test_a_token_of_a_service_opens_its_door_until_it_is_revoked(service) -> None:
    token = service.token("profile")

    before = service.asked_with(token)
    revoked = service.sent("/oauth/revoke", token=token)
    after = service.asked_with(token)

    assert (before.status, before.json()["topic"]["name"]) == (200, "greeting")
    assert (revoked.status, revoked.json()) == (200, {})
    assert (after.status, after.json()) == (401, {"message": None})


def test_a_token_without_the_scope_is_403(service) -> None:
    reply = service.asked_with(service.token("train"))

    assert (reply.status, reply.json()["statusCode"]) == (403, "403")


def test_a_token_that_has_expired_is_401(contracts, service) -> None:
    token = service.token("profile")
    with closing(sqlite3.connect(contracts.log.parent / "var" / "parley.db", timeout=10)) as database:
        gone = ("2020-01-01 00:00:00.000000", digest_of(token))
        database.execute("UPDATE tokens SET expires_at = ? WHERE digest = ?", gone)
        database.commit()

    reply = service.asked_with(token)

    assert (reply.status, reply.json()) == (401, {"message": None})


def test_its_documents_are_where_pega_looks(anybody) -> None:
    docs, page = anybody.get("/api/docs"), anybody.get("/doc")

    assert (docs.status, docs.headers["Location"]) == (302, "/swagger.json")
    assert (page.status, page.headers["Location"]) == (302, "/apidocs/")
    document = anybody.get("/swagger.json").json()
    assert document["paths"]["/auth/predict"]["post"]["tags"] == ["pega"]
