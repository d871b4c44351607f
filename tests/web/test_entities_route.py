"""`POST /predict` says what is named in a text, and where; a model that declares nothing answers as before."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.entities.declaration import entities_json, settled
from app.pipeline.artifacts import ENTITIES, SERVED_FILES
from app.registry.model_registry import ModelRegistry
from tests.server import Server

DECLARED = {
    "city": {"gazetteer": {"berlin": ["BER"], "são paulo": None}},
    "flight": {"pattern": r"\b[A-Z]{2} ?\d{2,4}\b"},
    "slow": {"pattern": r"(?:a|aa|a+)+\d"},
    "when": {"date": "en"},
    "amount": {"number": "en"},
}


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server whose default model finds entities; `tiny` finds none."""
    folder = tmp_path_factory.mktemp("entities") / "models"
    shutil.copytree(tiny_models, folder)
    stored = ModelRegistry(folder).load("tiny", 2, SERVED_FILES)
    files = {**stored.files, ENTITIES: entities_json(settled(DECLARED, "test"))}
    ModelRegistry(folder).publish("bot", files, stored.manifest.facts)
    return start_server(folder, PARLEY_DEFAULT_MODEL="bot", PARLEY_MAX_TEXT_CHARS="20000")


def ask(server: Server, **content: object) -> Any:
    reply = server.post("/predict", content)
    assert reply.status == 200, reply.body
    return reply.json()


def test_what_is_named_comes_with_its_value_and_its_place(server) -> None:
    text = "🍕 a table in SA\u0303O PAULO for twenty-two, LH 400 lands 3 may 2027"
    answer = ask(server, text=text)

    assert answer["intent"] == "booking"
    assert list(answer)[-1] == "entities"
    assert answer["entities"] == [
        {"entity": "city", "value": "são paulo", "text": "SA\u0303O PAULO", "start": 13, "end": 23},
        {"entity": "amount", "value": 22, "text": "twenty-two", "start": 28, "end": 38},
        {"entity": "flight", "value": "LH 400", "text": "LH 400", "start": 40, "end": 46},
        {"entity": "when", "value": "2027-05-03", "text": "3 may 2027", "start": 53, "end": 63},
    ]
    assert all(text[one["start"] : one["end"]] == one["text"] for one in answer["entities"])


def test_each_text_of_a_batch_has_its_own(server) -> None:
    first, second, third = ask(server, texts=["to BER", "hello", "x" * 20_001])["predictions"]

    assert [one["value"] for one in first["entities"]] == ["berlin"]
    assert second["entities"] == []
    assert "entities" not in third


def test_relative_dates_are_counted_from_today(server) -> None:
    before = date.today()  # noqa: DTZ011 - as the server's clock tells it
    [entity] = ask(server, text="a table tomorrow")["entities"]
    after = date.today()  # noqa: DTZ011

    assert entity["value"] in {(day + timedelta(days=1)).isoformat() for day in (before, after)}


def test_a_model_without_declarations_answers_as_before(server) -> None:
    answer = ask(server, text="to berlin tomorrow", model="tiny")

    assert not {"entities", "entities_complete"} & answer.keys()


@pytest.mark.parametrize("text", ["a" * 5_000, "berlin " + "hello " * 2_000], ids=["slow", "long"])
def test_a_text_that_is_not_looked_through_is_answered_and_says_so(server, text: str) -> None:
    answer = ask(server, text=text)

    assert answer["entities_complete"] is False
    assert answer["confidence"] >= 0


def test_the_document_describes_them(server) -> None:
    schemas = server.get("/apispec.json").json()["components"]["schemas"]

    assert schemas["FoundEntity"]["required"] == ["entity", "value", "text", "start", "end"]
    assert "entities" in schemas["PredictReply"]["properties"]
    assert "entities" not in schemas["PredictReply"]["required"]
