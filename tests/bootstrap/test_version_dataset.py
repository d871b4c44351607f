"""The dataset that a version has kept is found and read, and what cannot be trusted is told."""

import gzip
from pathlib import Path

import pytest

from app.bootstrap.version_dataset import reading_active_datasets
from app.domain.damage_errors import ChangedFileError, UnreadableFileError
from app.domain.errors import ModelNotFoundError
from app.domain.example import Reply
from app.planning.stored_dataset import DATASET
from app.registry.model_registry import ModelRegistry
from tests.registries import flip_a_bit

LINES = (
    b'{"text": "hi", "intent": "greeting"}\n{"text": "x", "intent": null}\n\n{"text": "bye", "intent": "farewell"}\n'
)
REPLIES = b'{"greeting": {"texts": ["Hello."], "context_set": "met"}}'


@pytest.fixture
def registry(tmp_path: Path, tiny_models: Path) -> ModelRegistry:
    """A registry of `kept`, versions 1 and 2, of which the second has a dataset."""
    like = ModelRegistry(tiny_models).load("tiny", 1, ())
    registry = ModelRegistry(tmp_path)
    registry.publish("kept", {"config.yaml": b""}, like.manifest.facts)
    kept = {"config.yaml": b"", DATASET: gzip.compress(LINES), "responses.json": REPLIES}
    registry.publish("kept", kept, like.manifest.facts)
    registry.publish("bare", {"config.yaml": b""}, like.manifest.facts)
    return registry


def test_the_dataset_of_the_active_version_is_read(registry: ModelRegistry) -> None:
    found = reading_active_datasets(registry)("kept")

    assert found is not None
    version, dataset = found
    assert version == 2
    assert [(one.input, one.intent) for one in dataset.examples] == [("hi", "greeting"), ("bye", "farewell")]
    assert dataset.out_of_scope == ("x",)
    assert dataset.replies == {"greeting": Reply(("Hello.",), "met")}


def test_a_version_that_kept_none_has_none(registry: ModelRegistry) -> None:
    assert reading_active_datasets(registry)("bare") is None


def test_a_model_that_is_not_there_is_told(registry: ModelRegistry) -> None:
    with pytest.raises(ModelNotFoundError):
        reading_active_datasets(registry)("nope")


def test_a_damaged_dataset_is_told(registry: ModelRegistry) -> None:
    flip_a_bit(registry.folder / "kept/2" / DATASET)

    with pytest.raises(ChangedFileError):
        reading_active_datasets(registry)("kept")


def test_what_is_no_dataset_is_told(registry: ModelRegistry) -> None:
    facts = registry.manifest("kept", 2).facts
    registry.publish("kept", {DATASET: gzip.compress(b'{"text": 1}')}, facts)

    with pytest.raises(UnreadableFileError, match=r"kept/3/dataset\.jsonl\.gz"):
        reading_active_datasets(registry)("kept")
