"""A registry that a test may write to, and the use case over it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.conftest import TINY
from tests.deeds import ListedDeeds
from tests.published_versions import LEARNED, SHUFFLED, wired


@pytest.fixture
def store(registry: Path) -> ModelRegistry:
    return ModelRegistry(registry)


@pytest.fixture
def deeds() -> ListedDeeds:
    return ListedDeeds()


@pytest.fixture
def versions(store: ModelRegistry, deeds: ListedDeeds) -> Versions:
    return wired(store, deeds)


@pytest.fixture(scope="session")
def damaged_models(once: Callable[..., Path], python: Callable[..., Any]) -> Path:
    """A registry of `tiny` trained on the same texts, the labels of three intents shuffled."""

    def train(folder: Path) -> None:
        rows = [f"{text}\t{SHUFFLED.get(intent, intent)}\n" for intent, texts in TINY.items() for text in texts]
        (folder / "shuffled.tsv").write_text("text\tintent\n" + "".join(rows))
        flags = ("--model", "tiny", "--family", "bow", "--set", "training.epochs=12")
        done = python(
            "train.py", "--force", *flags, "--data", folder / "shuffled.tsv", "--models-dir", folder / "models"
        )
        assert done.returncode == 0, done.stderr

    return once("damaged-models", train) / "models"


@pytest.fixture
def damaged(damaged_models: Path, store: ModelRegistry, versions: Versions) -> int:
    """The number of a version with planted damage, which does not answer; the checks are what the models learned."""
    versions.keep_checks("tiny", LEARNED)
    files = {path.name for path in (damaged_models / "tiny/1").iterdir()}
    stored = ModelRegistry(damaged_models).load("tiny", 1, files)
    return store.publish("tiny", stored.files, stored.manifest.facts, activate=False).version
