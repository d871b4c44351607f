"""What a version was trained on and with, as it keeps it."""

from dataclasses import replace
from typing import Final

from ..data.compressed import gunzipped
from ..data.reader import DataFormat, read_dataset_text
from ..domain.damage_errors import UnreadableFileError
from ..domain.example import Dataset
from ..domain.training_errors import CannotContinueError, UnreadableDataError
from ..families.model_config import ModelConfig
from ..pipeline.artifacts import CONFIG, ENTITIES, RESPONSES, load_config, load_replies
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
    path = f"{name}/{version}/{DATASET}"
    try:
        dataset = read_dataset_text(gunzipped(stored.files[DATASET]).decode(), path, DataFormat.JSONL)
    except UnicodeDecodeError:
        raise UnreadableFileError(path, "it is not UTF-8") from None
    except (ValueError, UnreadableDataError) as error:
        raise UnreadableFileError(path, str(error)) from None
    return replace(dataset, replies=load_replies(stored.folder, stored.files))


def read_stored_config(registry: ModelRegistry, name: str, version: int) -> ModelConfig:
    """
    Read the configuration of a version.

    Raises:
        ModelNotFoundError, VersionNotFoundError, DamagedModelError: there is no such version, or it is not whole.
    """
    stored = registry.load(name, version, {CONFIG, ENTITIES})
    return load_config(stored.folder, stored.files)
