"""What is named in a text is told in the terminal as it is by a server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.entities.declaration import entities_json, settled
from app.pipeline.artifacts import ENTITIES, SERVED_FILES
from app.registry.model_registry import ModelRegistry


def test_predict_tells_what_is_named_and_where(tiny_models: Path, tmp_path: Path, python: Callable[..., Any]) -> None:
    declared = settled({"city": {"gazetteer": {"berlin": ["BER"]}}, "people": {"number": "en"}}, "test")
    stored = tmp_path / "models"
    store = ModelRegistry(stored)
    version = ModelRegistry(tiny_models).load("tiny", 1, SERVED_FILES)
    store.publish("bot", {**version.files, ENTITIES: entities_json(declared)}, version.manifest.facts)

    done = python("-m", "app", "predict", "--json", "--model", "bot", "--models-dir", stored, "a table in BER for two")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["predictions"][0]["entities"] == [
        {"entity": "city", "value": "berlin", "text": "BER", "start": 11, "end": 14},
        {"entity": "people", "value": 2, "text": "two", "start": 19, "end": 22},
    ]
