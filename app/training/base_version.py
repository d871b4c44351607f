"""The version that a training continues from."""

from dataclasses import dataclass
from typing import Final

from ..domain.example import Dataset
from ..domain.training_errors import CannotContinueError
from ..pipeline.artifacts import RESPONSES, SERVED_FILES, load_pipeline
from ..pipeline.intent_pipeline import IntentPipeline
from ..planning.stored_dataset import read_stored_dataset
from ..registry.model_registry import ModelRegistry
from .weights_file import check_weights

WEIGHTS: Final = "model.weights.h5"


@dataclass(frozen=True, slots=True)
class Base:
    """A version with all that a further training needs of it."""

    version: int
    pipeline: IntentPipeline
    """Its features, intents, calibration and replies, and how it answers now."""
    weights: bytes | None
    """None where its family has none that could be trained further."""
    dataset: Dataset


def read_base(registry: ModelRegistry, name: str, version: int) -> Base:
    """
    Read a version.

    Raises:
        CannotContinueError: it keeps no dataset.
        ModelNotFoundError, VersionNotFoundError, DamagedModelError: there is no such version, or it is not whole.
    """
    dataset = read_stored_dataset(registry, name, version)
    stored = registry.load(name, version, SERVED_FILES | {WEIGHTS, RESPONSES})
    if WEIGHTS in stored.files:
        check_weights(stored.files[WEIGHTS], f"{stored.folder}/{WEIGHTS}")
    pipeline = load_pipeline(name, stored.folder, stored.files)
    if pipeline.calibration.knows_none and not dataset.out_of_scope:
        raise CannotContinueError(name, version, "its dataset lacks the texts out of scope that it was trained on")
    return Base(version, pipeline, stored.files.get(WEIGHTS), dataset)
