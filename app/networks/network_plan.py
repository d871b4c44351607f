"""What a network is built from and trained on, and what is told while it learns."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..families.contract import Encoding, Features
from ..families.model_config import ModelConfig


@dataclass(frozen=True, slots=True)
class LabelledEncodings:
    """Encodings with their class indices (n,)."""

    encodings: Sequence[Encoding]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32] | None = None
    """How much each counts, (n,); absent: by its class."""

    def __len__(self) -> int:
        """Count them."""
        return len(self.encodings)


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What a network is built from; `model` names it in errors."""

    model: str
    config: ModelConfig
    features: Features[Any]
    n_outputs: int
    """Scores of an input: one an intent, and one more for "none of these" where examples of that are given."""

    architecture: Path | None = None
    """A Python file whose `build` takes the place of the family's."""

    def family_module(self) -> ModuleType:
        """Give the module of the configuration's family: it has `build` for Keras, or `fit` for anything else."""
        return _module_of(self.config)

    def build(self, *, serving: bool) -> Any:  # noqa: ANN401 - Keras is untyped
        """Build the network, of a family that has one."""
        module = _module_in(self.architecture) if self.architecture else self.family_module()
        return module.build(self.config, self.features, self.n_outputs, serving=serving)

    @property
    def fits_at_once(self) -> bool:
        """Whether nothing is told of epochs, and no further training is possible."""
        return self.architecture is None and fits_at_once(self.config)

    def class_weights(self, labels: NDArray[np.int64]) -> NDArray[np.float32]:
        """Weigh each example against the frequency of its class, so that the average one weighs 1."""
        counts = np.maximum(np.bincount(labels, minlength=self.n_outputs), 1)
        of_class = counts ** {"balanced": -1.0, "softened": -0.5, "none": 0.0}[self.config.training.class_weights]
        weights = of_class[labels]
        return np.asarray(weights / weights.mean(), dtype=np.float32)


def fits_at_once(config: ModelConfig) -> bool:
    """Say whether a configuration's family fits what knows no epochs, and so no further training."""
    return hasattr(_module_of(config), "fit")


def _module_of(config: ModelConfig) -> ModuleType:
    return importlib.import_module(f"{__package__}.{config.family}")


def _module_in(path: Path) -> ModuleType:
    """
    Run a file of Python.

    Raises:
        OSError: it cannot be read.
    """
    module = ModuleType(path.stem)
    exec(compile(path.read_bytes(), path, "exec"), module.__dict__)  # noqa: S102 - whoever names it wants it run
    return module


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to; `eta_s` assumes that every epoch allowed is needed."""

    stage: str
    number: int
    n_epochs: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    eta_s: float


OnEpoch: TypeAlias = Callable[[Epoch], None]
