"""
Turn scores into probabilities that mean what they say.

Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..domain.abstention import Abstention
from ..domain.prediction import FallbackReason

_FEW: Final = 32  # scores of one input; below, Python is quicker at them than numpy is at getting started


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
    knows_none: bool = False
    """Whether the last score is not an intent's but that of "none of these", learned from out-of-scope examples."""
    as_scored: bool = False
    """Whether scores are confidences already, as those of imported models: each for itself, they need not sum to 1."""

    def __post_init__(self) -> None:
        """Refuse a temperature that gives no probabilities."""
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"a temperature is over 0, not {self.temperature}")

    def probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give probabilities of shape (n_inputs, n_outputs) from scores of that shape; rows sum to 1."""
        if self.as_scored:
            return np.clip(scores.astype(np.float64), 0.0, 1.0)
        # reduce() is what max() and sum() come to, without several microseconds of Python around it
        scaled = scores / np.float64(self.temperature)
        scaled -= np.maximum.reduce(scaled, axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled /= np.add.reduce(scaled, axis=1, keepdims=True)
        return scaled

    def probabilities_of(self, scores: NDArray[np.float32]) -> list[float]:
        """Give the probabilities of one input, from scores of shape (n_outputs,)."""
        if len(scores) > _FEW:
            probabilities: list[float] = self.probabilities(scores[np.newaxis])[0].tolist()
            return probabilities
        values = scores.tolist()
        if self.as_scored:
            return [min(max(value, 0.0), 1.0) for value in values]
        highest = max(values)
        raised = [math.exp((value - highest) / self.temperature) for value in values]
        total = sum(raised)
        return [value / total for value in raised]

    def reason(self, of_last: float, confidence: float) -> FallbackReason | None:
        """Say why an intent of that confidence is not to be named, or None where it is; `of_last` is the last one's."""
        if self.knows_none and of_last > confidence:
            return FallbackReason.FAR_FROM_TRAINING_DATA
        return self.abstention.reason(confidence)
