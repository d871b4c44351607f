"""What comes of an old model: features, labels and a network, as a version's files have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.abstention import Abstention
from ..domain.training_errors import UnimportableModelError
from ..families.imported import ImportedConfig, ImportedFeatures, ImportedFeaturesConfig
from ..pipeline.artifacts import NETWORK, PipelineParts
from ..pipeline.calibration import Calibration
from ..text.label_encoder import LabelEncoder


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms with their places; `rarity` is a weight for each column, or none."""

    terms: Sequence[str]
    places: Sequence[int]
    rarity: Sequence[float] = ()
    stop_words: Sequence[str] = ()
    unknown: int | None = None

    def features(self, settings: ImportedFeaturesConfig) -> ImportedFeatures:
        """Give the features that they make."""
        state: dict[str, Any] = {
            "terms": list(self.terms),
            "places": list(self.places),
            "rarity": np.asarray(self.rarity, dtype="<f8").tobytes(),
            "stop_words": sorted(self.stop_words),
            "unknown": self.unknown,
        }
        return ImportedFeatures(ImportedConfig(features=settings), state)


def files_of(source: str, features: ImportedFeatures, labels: Sequence[Any], network: bytes) -> dict[str, bytes]:
    """
    Give the files of a version.

    Raises:
        UnimportableModelError: the labels are not names, each once.
    """
    names = [str(label) for label in labels]
    if len(names) < 2 or len(set(names)) != len(names) or not all(names):  # noqa: PLR2004
        raise UnimportableModelError(source, "its labels are not two names or more, each once")
    calibration = Calibration(1.0, Abstention(), as_scored=True)
    parts = PipelineParts(features.config, features, LabelEncoder(names), calibration, {})
    return {**parts.to_files(), NETWORK: network}
