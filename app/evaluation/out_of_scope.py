"""How well a model keeps silent on what none of its intents is meant for."""

from collections.abc import Sequence

import msgspec

from ..domain.prediction import Prediction
from .figures import fallbacks_of


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
    fallbacks = fallbacks_of(predictions)
    return OutOfScopeFigures(len(predictions), sum(fallbacks.values()) / len(predictions), fallbacks)
