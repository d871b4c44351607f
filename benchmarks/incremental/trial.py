"""One training, and how good it is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain.example import Dataset, Example, inputs_of
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.planning.check import check_data
from app.planning.plan import settle_config
from app.planning.stored_dataset import read_stored_config, read_stored_dataset
from app.registry.model_registry import ModelRegistry
from app.training.base_version import read_base
from app.training.train_model import train_model

_BINS = 15


@dataclass(frozen=True, slots=True)
class Trial:
    """Accuracies are None where there was nothing to ask."""

    what: str
    old: float | None
    new: float | None
    all: float
    ece: float
    cpu_s: float

    def row(self) -> str:
        shares = [
            "–" if share is None else f"{share:.1%}".removesuffix("%") for share in (self.old, self.new, self.all)
        ]
        return " | ".join([self.what, *shares, f"{self.ece:.3f}", f"{self.cpu_s:.1f}"])


class Model:
    """A model in a registry of its own."""

    def __init__(self, folder: Path, family: str, seed: int) -> None:
        self._registry = ModelRegistry(folder)
        self._config = settle_config({"family": family, "training": {"seed": seed}}, "benchmark")
        self.version = 0
        self.cpu_s = 0.0
        """Of the last training."""

    def train(self, examples: Sequence[Example]) -> None:
        """Train on examples alone."""
        started = time.process_time()
        checked = check_data("m", self._config, Dataset(tuple(examples)))
        self.version = train_model(checked, self._registry, lambda _: None).manifest.version
        self.cpu_s = time.process_time() - started

    def add(self, examples: Sequence[Example]) -> None:
        """Train further."""
        started = time.process_time()
        config = read_stored_config(self._registry, "m", self.version)
        known = read_stored_dataset(self._registry, "m", self.version)
        checked = check_data("m", config, Dataset(tuple(examples)), known=known)
        base = read_base(self._registry, "m", self.version)
        self.version = train_model(checked, self._registry, lambda _: None, base=base).manifest.version
        self.cpu_s = time.process_time() - started

    def measured(self, what: str, old: Sequence[Example], new: Sequence[Example] = ()) -> Trial:
        """Ask what is served."""
        stored = self._registry.load("m", self.version, SERVED_FILES)
        pipeline = load_pipeline("m", stored.folder, stored.files)
        everything = [*old, *new]
        return Trial(
            what,
            _accuracy(pipeline, old),
            _accuracy(pipeline, new),
            _accuracy(pipeline, everything) or 0.0,
            _calibration_error(pipeline, everything),
            self.cpu_s,
        )


def _accuracy(pipeline: IntentPipeline, examples: Sequence[Example]) -> float | None:
    if not examples:
        return None
    predictions = pipeline.predict(inputs_of(examples), top_k=1)
    return sum(p.best == e.intent for e, p in zip(examples, predictions, strict=True)) / len(examples)


def _calibration_error(pipeline: IntentPipeline, examples: Sequence[Example]) -> float:
    """Give the expected calibration error over bins of confidence."""
    predictions = pipeline.predict(inputs_of(examples), top_k=1)
    sure = np.array([prediction.confidence for prediction in predictions])
    right = np.array([p.best == e.intent for e, p in zip(examples, predictions, strict=True)])
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    errors = [abs(sure[bins == n].mean() - right[bins == n].mean()) * (bins == n).mean() for n in np.unique(bins)]
    return float(sum(errors))
