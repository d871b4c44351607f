"""
Turn scores into probabilities that mean what they say.

Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.abstention import Abstention


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a minimum confidence costs and gains, measured on validation examples."""

    min_confidence: float
    coverage: float
    """Share of examples that get an intent."""
    precision: float | None
    """Share of those that get the right one; None where there are none."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The temperature of a model, the rule it abstains by, and what other thresholds would do."""

    temperature: float
    abstention: Abstention
    thresholds: tuple[Threshold, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a temperature that gives no probabilities."""
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"a temperature is over 0, not {self.temperature}")

    def probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give probabilities of shape (n_inputs, n_intents) from scores of that shape; rows sum to 1."""
        # reduce() is what max() and sum() come to, without several microseconds of Python around it
        scaled = scores / np.float64(self.temperature)
        scaled -= np.maximum.reduce(scaled, axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled /= np.add.reduce(scaled, axis=1, keepdims=True)
        return scaled
