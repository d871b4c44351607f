"""How well a model keeps silent on what none of its intents is meant for."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from ..domain.prediction import Prediction


class OutOfScopeFigures(msgspec.Struct, frozen=True):
    """Of texts out of scope: how many there were, the share left without an intent, and for what reasons."""

    examples: int
    recall: float
    fallbacks: dict[str, int]
    """By reason."""


def measure_out_of_scope(predictions: Sequence[Prediction]) -> OutOfScopeFigures:
    """
    Count the answers to texts out of scope.

    Raises:
        ValueError: there is none.
    """
    if not predictions:
        raise ValueError("nothing to measure")
    reasons = Counter(prediction.fallback.value for prediction in predictions if prediction.fallback)
    return OutOfScopeFigures(len(predictions), reasons.total() / len(predictions), dict(sorted(reasons.items())))
