"""What a version was trained on and with, as it keeps it."""

import gzip
from dataclasses import replace
from typing import Final

from ..data.reader import DataFormat, read_dataset_text
from ..domain.example import Dataset
from ..domain.training_errors import CannotContinueError
from ..families.model_config import ModelConfig
from ..pipeline.artifacts import CONFIG, RESPONSES, load_config, load_replies
from ..registry.model_registry import ModelRegistry

DATASET: Final = "dataset.jsonl.gz"


def read_stored_dataset(registry: ModelRegistry, name: str, version: int) -> Dataset:
    """
    Read the examples, texts out of scope and replies of a version.

    Raises:
        CannotContinueError: the version keeps none.
        ModelNotFoundError, VersionNotFoundError, DamagedModelError: there is no such version, or it is not whole.
    """
    stored = registry.load(name, version, {DATASET, RESPONSES})
    if DATASET not in stored.files:
        raise CannotContinueError(name, version, "it keeps no dataset to rehearse (`keep_dataset: false`)")
    text, source = gzip.decompress(stored.files[DATASET]).decode(), f"{name}/{version}/{DATASET}"
    dataset = read_dataset_text(text, source, DataFormat.JSONL)
    return replace(dataset, replies=load_replies(stored.folder, stored.files))


def read_stored_config(registry: ModelRegistry, name: str, version: int) -> ModelConfig:
    """
    Read the configuration of a version.

    Raises:
        ModelNotFoundError, VersionNotFoundError, DamagedModelError: there is no such version, or it is not whole.
    """
    stored = registry.load(name, version, {CONFIG})
    return load_config(stored.folder, stored.files)
