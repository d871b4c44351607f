"""`GET /models` and `GET /models/<name>` say what is served and what is wrong with what is not."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

INTENTS = ["bill", "booking", "greeting", "weather"]


@pytest.fixture(scope="module")
def mixed(start_server: Callable[..., Any], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of a whole model, one that has failed, one whose previous version stands in, and a stray folder."""
    registry = tmp_path_factory.mktemp("mixed") / "models"
    shutil.copytree(tiny_models, registry, ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(registry / "tinyseq", registry / "broken")  # its manifest says it is another
    (registry / "tiny/2/tokenizer.pkl").write_bytes(b"x")
    (registry / "unfinished").mkdir()
    return start_server(registry, PARLEY_DEFAULT_MODEL="tinyseq")


def test_every_model_is_listed_in_the_documented_shape(server) -> None:
    reply = server.get("/models")

    assert reply.status == 200
    assert reply.json() == {
        "models": [
            {"name": "tiny", "version": 2, "state": "ready", "family": "bow", "intents": 4, "error": None},
            {
                "name": "tinyseq",
                "version": 1,
                "state": "ready",
                "family": "lstm_attention",
                "intents": 4,
                "error": None,
            },
        ]
    }


def test_one_model_is_given_in_full(server) -> None:
    model = server.get("/models/tiny").json()

    assert list(model) == [
        "name", "version", "state", "family", "error", "aliases", "intents", "examples", "created_at",
        "min_confidence", "input_schema", "metrics",
    ]  # fmt: skip
    assert (model["name"], model["version"], model["state"], model["error"]) == ("tiny", 2, "ready", None)
    assert model["aliases"] == {"original": 1, "active": 2, "previous": 1}
    assert (model["intents"], model["examples"], model["min_confidence"]) == (INTENTS, 32, 0.3)
    assert 0 <= model["metrics"]["validation"]["accuracy"] <= 1


def test_a_model_that_failed_is_listed_with_the_sentence_that_says_why(mixed) -> None:
    models = {model["name"]: model for model in mixed.get("/models").json()["models"]}

    assert models["broken"] == {
        "name": "broken",
        "version": None,
        "state": "failed",
        "family": None,
        "intents": None,
        "error": "broken/1/manifest.json cannot be used: it says it is 'tinyseq' version 1",
    }


def test_a_failed_model_can_be_looked_at(mixed) -> None:
    model = mixed.get("/models/broken").json()

    assert (model["version"], model["state"], model["intents"]) == (None, "failed", [])
    assert model["aliases"] == {"original": 1, "active": 1}
    assert "it says it is 'tinyseq'" in model["error"]


def test_a_failed_model_answers_503_with_its_sentence(mixed) -> None:
    reply = mixed.post("/predict", {"text": "hello", "model": "broken"})

    assert (reply.status, reply.json()["error"]["code"]) == (503, "model_unavailable")
    assert "it says it is 'tinyseq'" in reply.json()["error"]["message"]


def test_while_one_has_failed_the_others_answer(mixed) -> None:
    assert mixed.post("/predict", {"text": "will it rain"}).json()["model"] == "tinyseq"


def test_a_damaged_version_is_stood_in_for_and_its_damage_told(mixed) -> None:
    [tiny] = [model for model in mixed.get("/models").json()["models"] if model["name"] == "tiny"]

    assert (tiny["version"], tiny["state"]) == (1, "degraded")
    assert tiny["error"].startswith("tiny/2/tokenizer.pkl has 1 bytes where its manifest says ")
    assert mixed.post("/predict", {"text": "hello", "model": "tiny"}).json()["version"] == 1


def test_what_a_first_publish_left_that_came_to_nothing_is_no_model(mixed) -> None:
    assert [model["name"] for model in mixed.get("/models").json()["models"]] == ["broken", "tiny", "tinyseq"]


def test_where_models_lie_on_disk_is_not_told(mixed) -> None:
    assert b"/tmp" not in mixed.get("/models").body
    assert str(Path.home()).encode() not in mixed.get("/models/broken").body


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/models/nope", 404, "model_not_found"),
        ("/models/unfinished", 404, "model_not_found"),
        ("/models/tiny@1", 400, "invalid_model_name"),
        ("/models/..", 400, "invalid_model_name"),
        ("/models/%2e%2e", 400, "invalid_model_name"),
        ("/models/a%00b", 400, "invalid_model_name"),
        ("/models/%ff", 400, "invalid_model_name"),
        ("/models/" + "x" * 60_000, 400, "invalid_model_name"),
        ("/models/..%2fetc", 404, "not_found"),
        ("/models/tiny/2", 404, "not_found"),
        ("/models/%2F0", 404, "not_found"),
        ("/models/", 404, "not_found"),
    ],
)
def test_a_name_that_means_nothing_is_refused(mixed, path: str, status: int, code: str) -> None:
    reply = mixed.get(path)

    assert (reply.status, reply.json()["error"]["code"]) == (status, code)


@settings(max_examples=80, deadline=None)
@given(name=st.text(max_size=40).map(lambda text: quote(text, safe="")))
def test_no_name_makes_a_server_error(server, name: str) -> None:
    assert server.get(f"/models/{name}").status in (200, 400, 404)
