"""
Curves over every threshold on an intent's score, computed by scikit-learn.

The one place outside the training of networks that knows it: it is imported where somebody measures, and never where
somebody serves.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..domain.prediction import Prediction
from .score_figures import Curves, Point, ScoreFigures, confidence_of

_MOST_POINTS: Final = 200
"""Of a curve; more than a picture shows."""


def measure_scores(intents: Sequence[str], predictions: Sequence[Prediction]) -> ScoreFigures:
    """
    Measure what the rankings of all intents say; what is not ranked has a score of 0.

    Raises:
        ValueError: there is no example, or not one prediction for each.
    """
    names = sorted({*intents, *(place.intent for prediction in predictions for place in prediction.ranking)})
    column = {name: number for number, name in enumerate(names)}
    scores, truths = np.zeros((len(intents), len(names))), np.zeros((len(intents), len(names)), dtype=bool)
    for row, (intent, prediction) in enumerate(zip(intents, predictions, strict=True)):
        truths[row, column[intent]] = True
        for place in prediction.ranking:
            scores[row, column[place.intent]] = place.confidence
    of_intents = {
        name: curves
        for number, name in enumerate(names)
        if (curves := _curves(truths[:, number], scores[:, number])) is not None
    }
    return ScoreFigures(confidence_of(intents, predictions), _curves(truths.ravel(), scores.ravel()), of_intents)


def _curves(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> Curves | None:
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

    if truth.all() or not truth.any():
        return None
    false_positives, true_positives, _ = roc_curve(truth, score)
    precision, recall, _ = precision_recall_curve(truth, score)
    return Curves(
        roc_auc=float(roc_auc_score(truth, score)),
        average_precision=float(average_precision_score(truth, score)),
        roc=_points(false_positives, true_positives),
        precision_recall=_points(recall[::-1], precision[::-1]),
    )


def _points(x: NDArray[Any], y: NDArray[Any]) -> list[Point]:
    """Give a curve in no more points than are seen; both ends are among them."""
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).round().astype(int))
    return [Point(round(float(x[at]), 6), round(float(y[at]), 6)) for at in chosen]
