"""System S: classify, entity, translate and train by GET, with its texts, messages and Basic authentication."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of
from tests.proofs import basic
from tests.server import PASSWORD

ASK = "/api/classify?model_name=bot&query="


def test_a_text_is_classified_with_its_confidence_as_text(contracts) -> None:
    reply = contracts.get(ASK + "book%20a%20table%20for%20two")
    native = contracts.post("/predict", {"text": "book a table for two", "model": "bot"}).json()

    assert reply.status == 200
    assert reply.json() == {
        "text": "book a table for two",
        "entities": {"intent": [{"confidence": f"{native['confidence']:.3f}", "value": "booking"}]},
    }


def test_an_unsure_answer_is_two_empty_texts(contracts) -> None:
    reply = contracts.get(ASK + "qqqq%20zzzz")

    assert reply.json() == {"text": "qqqq zzzz", "entities": {"intent": [{"confidence": "", "value": ""}]}}


@pytest.mark.parametrize("query", ["", "?model_name=bot", "?query=&model_name=bot", "?query=%20"])
def test_without_a_query_its_message_is_given(contracts, query: str) -> None:
    reply = contracts.get("/api/classify" + query)

    assert (reply.status, reply.json()) == (200, {"message": "query cannot be empty", "status": "error"})


def test_without_a_name_the_contracts_model_answers(contracts) -> None:
    assert contracts.get("/api/classify?query=hello").json()["entities"]["intent"][0]["value"] == "greeting"


@pytest.mark.parametrize("name", ["nope", "..%2Fevil", "../evil", "a%2Fb", "%00", "bot@99"])
@pytest.mark.parametrize("path", ["/api/classify?query=hello&model_name=", "/entity?q=hello&model_name="])
def test_a_model_that_is_not_there_is_an_error_in_json(contracts, path: str, name: str) -> None:
    reply = contracts.get(path + name)

    assert 400 <= reply.status < 500
    assert reply.json().keys() == {"message", "error", "status"}
    assert (reply.json()["message"], reply.json()["status"]) == ("Error processing request.", "error")


def test_entities_come_with_the_intent(contracts) -> None:
    reply = contracts.get("/entity?q=hello%20there").json()

    assert (reply["text"], reply["intent"][0]["value"]) == ("hello there", "greeting")
    assert reply["entities"] == []


def test_entities_are_those_that_the_model_declares_with_their_values_as_texts(contracts) -> None:
    reply = contracts.get("/entity?q=book%20a%20table%20in%20ber%20for%20two%20on%203%20may%202027").json()

    assert reply["intent"][0]["value"] == "booking"
    assert reply["entities"] == [
        {"tag": "place", "value": "berlin"}, {"tag": "people", "value": "2"}, {"tag": "when", "value": "2027-05-03"},
    ]  # fmt: skip


def test_a_model_that_declares_none_names_none(contracts) -> None:
    assert contracts.get("/entity?q=table%20for%20two&model_name=tiny").json()["entities"] == []


def test_nothing_outside_is_asked_what_a_text_means(
    tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {
        "PARLEY_ADMIN_PASSWORD": PASSWORD,
        "PARLEY_MODELS_DIR": str(tiny_models),
        "PARLEY_CONTRACTS": "{spawn: {model: tiny, open: true}}",
    }
    settings = load_settings(tmp_path, environment=environment)
    serving = wire_serving(settings)
    serving.models.load_all()
    client = application_of(settings, serving).test_client()

    def refuse(*_: object) -> None:
        raise AssertionError("something outside is asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    replies = [client.get(path) for path in ("/entity?q=hello%20there", "/api/classify?query=hello%20there")]
    serving.identity.close()

    assert [reply.status_code for reply in replies] == [200, 200]
    assert json.loads(replies[0].data)["intent"][0]["value"] == "greeting"


def test_nothing_translates_unless_it_is_named(contracts) -> None:
    reply = contracts.get("/translate?query=bonjour")

    assert (reply.status, reply.json()["status"]) == (404, "error")
    assert "nothing translates here" in reply.json()["error"]


@pytest.mark.parametrize("path", [ASK + "hello", "/api/train?model_name=bot", "/entity?q=hello", "/translate?query=a"])
@pytest.mark.parametrize("authorization", ["", basic("username", "password")])
def test_who_proves_nothing_is_told_its_message_with_a_challenge(contracts, path: str, authorization: str) -> None:
    reply = contracts.from_address("127.0.0.77").request("GET", path, None, {"Authorization": authorization})

    assert reply.status == 401
    assert reply.json() == {"message": "You are not authorized user to access this url"}
    assert reply.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("query", ["", "?model_name=", "?model_name=%20"])
def test_training_nothing_is_an_error_in_its_words(contracts, query: str) -> None:
    reply = contracts.get("/api/train" + query)

    assert (reply.status, reply.json()) == (
        200,
        {
            "message": "Model name parameter is not defined / empty.",
            "error": "Model could not be trained",
            "status": "error",
        },
    )


@pytest.mark.parametrize("name", ["..%2Fevil", "../evil", "%2Fetc", "a%00b"])
def test_no_name_leads_out_of_the_registry(contracts, name: str) -> None:
    reply = contracts.get("/api/train?model_name=" + name)

    assert (reply.status, reply.json()["status"]) == (400, "error")


def test_a_model_without_examples_is_not_trained(contracts) -> None:
    reply = contracts.get("/api/train?model_name=" + quote("nothing-yet"))

    assert (reply.status, reply.json()["message"]) == (404, "Error processing request.")


@pytest.mark.long
def test_two_trainings_at_once_are_one_and_end_with_what_serves(contracts) -> None:
    rows = [{"text": text, "intent": name} for name, texts in DOOR.items() for text in texts]
    for row in rows:
        added = contracts.post("/models/door/examples", {"examples": [row]})
        assert added.status in {200, 201}, added.body

    def train(_: int) -> Any:
        with closing(contracts.connection()) as connection:
            connection.timeout = 240  # a training takes as long as the machine lets it
            connection.request("GET", "/api/train?model_name=door", None, {"Authorization": contracts.authorization})
            return json.loads(connection.getresponse().read())

    with ThreadPoolExecutor(2) as both:
        replies = list(both.map(train, range(2)))

    assert replies == [{"message": "success", "model_name": "door"}] * 2
    assert contracts.get("/api/classify?query=open%20the%20door&model_name=door").status == 200
    assert len(contracts.get("/jobs?model=door").json()["jobs"]) == 1


DOOR = {
    "open": ["open the door please", "let me in", "open up", "unlock the door"],
    "close": ["shut the door", "close it behind you", "close the door", "shut it"],
}
