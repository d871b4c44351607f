"""What scores say beyond the first place: how sure a model is, and how well an intent's score tells it from others."""

from collections.abc import Sequence
from statistics import fmean, pstdev
from typing import NamedTuple

import msgspec

from ..domain.prediction import Prediction


class ConfidenceFigures(msgspec.Struct, frozen=True):
    """How sure the model was, of whatever stood in the first place."""

    average: float
    minimum: float
    maximum: float
    standard_deviation: float
    average_where_right: float | None
    average_where_wrong: float | None


class Point(NamedTuple):
    """A point of a curve, both from 0 to 1."""

    x: float
    y: float


class Curves(msgspec.Struct, frozen=True):
    """What every threshold on a score would do."""

    roc_auc: float
    """Area under the curve of true positives by false positives: 0.5 is chance."""
    average_precision: float
    roc: list[Point]
    """The share of the others taken for it (x) and of its own found (y)."""
    precision_recall: list[Point]
    """Recall (x) and precision (y)."""


class ScoreFigures(msgspec.Struct, frozen=True):
    """Of one set of examples."""

    confidence: ConfidenceFigures
    all_intents: Curves | None
    """Every score of every example in one pool."""
    intents: dict[str, Curves]
    """By intent; without those that none, or every one, of the examples has."""


def confidence_of(intents: Sequence[str], predictions: Sequence[Prediction]) -> ConfidenceFigures:
    """
    Summarise how sure the model was.

    Raises:
        ValueError: there is no example.
    """
    sure = [prediction.confidence for prediction in predictions]
    if not sure:
        raise ValueError("nothing to measure")
    pairs = list(zip(intents, predictions, strict=True))
    right = [prediction.confidence for intent, prediction in pairs if prediction.best == intent]
    wrong = [prediction.confidence for intent, prediction in pairs if prediction.best != intent]
    return ConfidenceFigures(
        average=fmean(sure),
        minimum=min(sure),
        maximum=max(sure),
        standard_deviation=pstdev(sure),
        average_where_right=fmean(right) if right else None,
        average_where_wrong=fmean(wrong) if wrong else None,
    )
