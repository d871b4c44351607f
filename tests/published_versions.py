"""Versions put together for tests, and what they answer."""

import io
from typing import Any

from app.domain.example import Example
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.model_loader import ModelLoader
from app.service.versions import Versions
from tests.conftest import TINY
from tests.deeds import ListedDeeds

LEARNED = [Example(text, intent) for intent, texts in TINY.items() for text in texts]
SHUFFLED = {"bill": "booking", "booking": "weather", "weather": "bill"}
"""Three intents whose labels are planted wrongly; `greeting` is left."""


def wired(store: ModelRegistry, deeds: ListedDeeds, **more: Any) -> Versions:
    return Versions(store, ModelLoader(store, lambda _: None).load, deeds, **more)


def published(store: ModelRegistry, **files: bytes) -> int:
    """Publish version 1 of `tiny` again, not to answer yet, with other files in it."""
    stored = store.load("tiny", 1, SERVED_FILES)
    others = {path.replace("_onnx", ".onnx"): data for path, data in files.items()}
    return store.publish("tiny", {**stored.files, **others}, stored.manifest.facts, activate=False).version


def answers(store: ModelRegistry, versions: Versions, which: str = "active", name: str = "tiny") -> list[Any]:
    loaded = ModelLoader(store, lambda _: None).load(name, versions.number(name, which))
    return loaded.pipeline.predict([example.input for example in LEARNED], top_k=4)


def exported(versions: Versions, name: str = "tiny", version: int = 2) -> io.BytesIO:
    archive = io.BytesIO()
    versions.export(name, version, "ada", archive)
    return archive
