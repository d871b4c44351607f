"""Choose a model's temperature on validation examples, and tabulate what thresholds would do."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..domain.abstention import Abstention
from ..pipeline.calibration import Calibration, Threshold

_TEMPERATURES: Final = np.geomspace(0.2, 5.0, 161)
_THRESHOLDS: Final = tuple(round(0.05 * step, 2) for step in range(20))
# Fewer than this say too little; the model is then left as confident as it was trained to be.
_FEWEST: Final = 20


def calibrate(scores: NDArray[np.float32], labels: NDArray[np.int64], min_confidence: float) -> Calibration:
    """
    Find the temperature with the least negative log-likelihood.

    Args:
        scores: of validation examples, (n, n_intents); may be empty.
        labels: their class indices, (n,).
        min_confidence: what the model's configuration asks for.
    """
    temperature = 1.0
    if len(labels) >= _FEWEST:
        losses = [_loss(scores, labels, candidate) for candidate in _TEMPERATURES]
        temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    calibration = Calibration(round(temperature, 6), Abstention(min_confidence))
    if not len(labels):
        return calibration
    probabilities = calibration.probabilities(scores)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    thresholds = tuple(_threshold(confidence, right, minimum) for minimum in _THRESHOLDS)
    return Calibration(calibration.temperature, calibration.abstention, thresholds)


def _loss(scores: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> float:
    probabilities = Calibration(temperature, Abstention()).probabilities(scores)
    return float(-np.log(probabilities[np.arange(len(labels)), labels] + 1e-12).mean())


def _threshold(confidence: NDArray[Any], right: NDArray[np.bool_], minimum: float) -> Threshold:
    named = confidence >= minimum
    precision = float(right[named].mean()) if named.any() else None
    return Threshold(minimum, round(float(named.mean()), 6), None if precision is None else round(precision, 6))
