"""Parley's families as contenders: all that this package knows of the application stands here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from app.domain.abstention import Abstention
from app.domain.example import Dataset, Example, InputKind
from app.families.catalogue import family_named, family_names
from app.families.model_config import ModelConfig, TrainingConfig, resolve
from app.pipeline.artifacts import NETWORK, PipelineParts, config_yaml, load_pipeline
from app.pipeline.calibration import Calibration
from app.pipeline.intent_pipeline import IntentPipeline
from app.planning.auto_config import AUTO, AutoConfig
from app.planning.check import CheckedPlan
from app.training.search import choose

from .contract import Contender, Train, Trained, digest_of
from .sets import Row

if TYPE_CHECKING:
    from app.training.fit import FittedModel

# What decides the weights and the answers; the rest of the application may change without a new trial.
_DECIDING: Final = ("data", "families", "networks", "pipeline", "runtime", "text", "training")
_APP: Final = Path(__file__).resolve().parents[2] / "app"
_MODEL: Final = "benchmark"


def names() -> list[str]:
    """Give the names that may be asked for."""
    of_texts = [name for name in family_names() if family_named(name).features.input_kind is InputKind.TEXT]
    return [*of_texts, AUTO]


def contender(name: str) -> Contender:
    """Give a family with its default configuration, or the automatic choice."""
    families = names() if name == AUTO else [name]
    return Contender(
        name=name,
        title=f"Parley `{name}`",
        digest=digest_of(name.encode(), *(config_yaml(_config(family, seed=0)) for family in families)),
        load=lambda: _load(name),
        code=_code(),
    )


def _chosen(examples: Sequence[Example], seed: int) -> ModelConfig:
    from app.training.fit import accuracy_on  # noqa: PLC0415 - as below

    auto = AutoConfig(training=TrainingConfig(seed=seed))
    config, _ = choose(_checked(auto, examples), auto.search, accuracy_on)
    return config


def _checked(config: ModelConfig, examples: Sequence[Example]) -> CheckedPlan:
    return CheckedPlan(_MODEL, config, Dataset(tuple(examples)))


def _config(family: str, seed: int) -> ModelConfig:
    if family == AUTO:
        return AutoConfig(training=TrainingConfig(seed=seed))
    return resolve(family_named(family).config, {"training": {"seed": seed}}, family)


def _load(name: str) -> Train:
    # TensorFlow is imported where a network is trained: neither lists of contenders nor the references need it
    from app.training.fit import fit  # noqa: PLC0415

    def train(rows: Sequence[Row], seed: int) -> Trained:
        examples = [Example(row.text, row.intent) for row in rows]
        config = _chosen(examples, seed) if name == AUTO else _config(name, seed)
        note = config.family if name == AUTO else ""
        return _TrainedFamily(config, fit(_checked(config, examples), lambda _: None).served, note)

    return train


@dataclass(frozen=True)
class _TrainedFamily:
    config: ModelConfig
    fitted: "FittedModel"
    note: str = ""

    def intents(self, texts: Sequence[str]) -> list[str | None]:
        encodings = [self.fitted.features.encode(text) for text in texts]
        scores = self.fitted.network.scores([encoding for encoding in encodings if encoding is not None])
        best = iter(np.argmax(scores, axis=1).tolist())
        names = self.fitted.label_encoder.intents
        return [None if encoding is None else names[next(best)] for encoding in encodings]

    def answer(self, text: str) -> object:
        return self._pipeline.predict([text], top_k=3)

    def served_bytes(self) -> int:
        return sum(map(len, self._files.values()))

    @cached_property
    def _files(self) -> dict[str, bytes]:
        from app.training.fit import export  # noqa: PLC0415 - as above

        # without a calibration: it is a table of twenty thresholds in every model alike
        calibration = Calibration(1.0, Abstention())
        parts = PipelineParts(self.config, self.fitted.features, self.fitted.label_encoder, calibration, {})
        return {**parts.to_files(), NETWORK: export(_MODEL, self.fitted)}

    @cached_property
    def _pipeline(self) -> IntentPipeline:
        return load_pipeline(_MODEL, _MODEL, self._files)


def _code() -> str:
    sources = sorted(path for package in _DECIDING for path in (_APP / package).rglob("*.py"))
    return digest_of(*(path.read_bytes() for path in sources))
