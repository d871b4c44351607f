"""Choose a model's temperature on validation examples, and tabulate what thresholds would do."""

import dataclasses
from collections.abc import Sequence
from statistics import fmean
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..domain.abstention import Abstention
from ..domain.example import Example, inputs_of
from ..families.contract import Features
from ..networks.fitted_network import FittedNetwork
from ..pipeline.calibration import Calibration, Threshold
from ..pipeline.intent_pipeline import IntentPipeline

_TEMPERATURES: Final = np.geomspace(0.2, 5.0, 161)
_THRESHOLDS: Final = tuple(round(0.05 * step, 2) for step in range(20))
# Fewer than this say too little; the model is then left as confident as it was trained to be.
_FEWEST: Final = 20
_ASKED: Final = 2_000
# Of the way, in logarithms, to the temperature that leaves a network as sure of what it has learned. The best one for
# examples that it has not learned went 0.5 to 0.65 of it (docs/adr/0021-incremental-training.md).
_CARRIED: Final = 0.6


def calibrate(
    scores: NDArray[np.float32], labels: NDArray[np.int64], min_confidence: float, *, knows_none: bool = False
) -> Calibration:
    """
    Find the temperature with the least negative log-likelihood.

    Args:
        scores: of validation examples, (n, n_outputs); may be empty.
        labels: their class indices, (n,).
        min_confidence: what the model's configuration asks for.
        knows_none: whether the last score is that of "none of these"; thresholds are about the other examples.
    """
    temperature = 1.0
    if len(labels) >= _FEWEST:
        losses = [_loss(scores, labels, candidate) for candidate in _TEMPERATURES]
        temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    calibration = Calibration(round(temperature, 6), Abstention(min_confidence), knows_none=knows_none)
    n_intents = scores.shape[1] - knows_none
    in_scope = labels < n_intents
    if not in_scope.any():
        return calibration
    probabilities = calibration.probabilities(scores[in_scope])
    of_intents = probabilities[:, :n_intents]
    confidence, right = of_intents.max(axis=1), of_intents.argmax(axis=1) == labels[in_scope]
    if knows_none:  # where that is likelier, no threshold lets the intent be named
        confidence = np.where(probabilities[:, -1] > confidence, -1.0, confidence)
    thresholds = tuple(_threshold(confidence, right, minimum) for minimum in _THRESHOLDS)
    return dataclasses.replace(calibration, thresholds=thresholds)


def carried_over(
    calibration: Calibration,
    before: IntentPipeline,
    features: Features[Any],
    network: FittedNetwork,
    examples: Sequence[Example],
) -> Calibration:
    """
    Carry the temperature of a network's predecessor over by how sure each is of examples that both have learned from.

    Nothing is left that neither has learned from; the predecessor's temperature and thresholds were found on such.
    """
    asked = examples[:: max(1, len(examples) // _ASKED)]
    pairs = [
        (encoding, prediction.ranking[0].confidence)
        for example, prediction in zip(asked, before.predict(inputs_of(asked), top_k=1), strict=True)
        if prediction.ranking and (encoding := features.encode(example.input)) is not None
    ]
    if not pairs:
        return calibration
    scores = network.scores([encoding for encoding, _ in pairs])
    wanted = fmean(confidence for _, confidence in pairs)
    n_intents = scores.shape[1] - calibration.knows_none

    def distance(temperature: float) -> float:
        probabilities = Calibration(temperature, Abstention()).probabilities(scores)
        return abs(float(probabilities[:, :n_intents].max(axis=1).mean()) - wanted)

    as_sure, was = float(min(_TEMPERATURES, key=distance)), before.calibration.temperature
    temperature = round(was ** (1 - _CARRIED) * as_sure**_CARRIED, 6)
    return dataclasses.replace(calibration, temperature=temperature, thresholds=before.calibration.thresholds)


def _loss(scores: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> float:
    probabilities = Calibration(temperature, Abstention()).probabilities(scores)
    return float(-np.log(probabilities[np.arange(len(labels)), labels] + 1e-12).mean())


def _threshold(confidence: NDArray[Any], right: NDArray[np.bool_], minimum: float) -> Threshold:
    named = confidence >= minimum
    precision = float(right[named].mean()) if named.any() else None
    return Threshold(minimum, round(float(named.mean()), 6), None if precision is None else round(precision, 6))
