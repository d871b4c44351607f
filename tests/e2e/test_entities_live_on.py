"""What a model finds outlives trainings over HTTP, further trainings and rollbacks."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TINY
from tests.server import Server

EXAMPLES = [{"text": text, "intent": intent} for intent, texts in TINY.items() for text in texts]
ASKED = "a table in rome for two"


@pytest.mark.long
def test_what_finds_entities_goes_from_version_to_version(
    start_server: Callable[..., Server], tiny_models: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_models, tmp_path / "models")
    server = start_server(tmp_path / "models", PARLEY_DEFAULT_MODEL="bot", PARLEY_JOB_WORKERS="1")

    def train(**wanted: Any) -> int:
        job = server.post("/train?wait=true", {"model": "bot", **wanted}).json()["job"]
        assert job["state"] == "succeeded", job
        return int(job["version"])

    def found() -> list[tuple[str, Any]]:
        return [(one["entity"], one["value"]) for one in server.post("/predict", {"text": ASKED}).json()["entities"]]

    declared = {"city": {"gazetteer": ["rome"]}, "people": {"number": "en"}}
    train(family="classical", config={"entities": declared}, examples=EXAMPLES)
    assert found() == [("city", "rome"), ("people", 2)]

    train(mode="incremental", examples=[{"text": "book me in", "intent": "booking"}])
    assert found() == [("city", "rome"), ("people", 2)]

    train(config={"entities": {"people": None}})
    assert found() == [("city", "rome")]

    assert server.post("/models/bot/rollback", {}).status == 200
    assert found() == [("city", "rome"), ("people", 2)]
