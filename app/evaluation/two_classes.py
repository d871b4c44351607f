"""
Figures of models of two intents: how often each is taken for the other, and how sure the model is.

Which of the two is the one to find is not for Parley to say, so both are told. Of the one to find (spam, say) a type-1
error is a false alarm and a type-2 error a miss.
"""

from collections.abc import Sequence
from statistics import fmean, pstdev

import msgspec

from ..domain.prediction import Prediction

_DIGITS = 6


class ErrorRates(msgspec.Struct, frozen=True):
    """The two ways to be wrong about an intent, from 0 to 1; None where there is no example to be wrong about."""

    type_1_error: float | None
    """The share of the other intent's examples that were taken for this one."""
    type_2_error: float | None
    """The share of its own examples that were not taken for it."""


class ConfidenceFigures(msgspec.Struct, frozen=True):
    """The confidence of the first place over all examples."""

    average: float
    minimum: float
    maximum: float
    standard_deviation: float


class TwoClassFigures(msgspec.Struct, frozen=True):
    """Figures of a model of two intents."""

    errors: dict[str, ErrorRates]
    confidence: ConfidenceFigures


def measure_two_classes(intents: Sequence[str], predictions: Sequence[Prediction]) -> TwoClassFigures | None:
    """Compare predictions with the true intents, example by example; None where there are not two intents."""
    best = [prediction.best for prediction in predictions]
    named = sorted({*intents, *(one for one in best if one is not None)})
    if len(named) != 2:  # noqa: PLR2004
        return None
    confidences = [prediction.confidence for prediction in predictions]
    return TwoClassFigures(
        {intent: _rates(intent, intents, best) for intent in named},
        ConfidenceFigures(
            average=round(fmean(confidences), _DIGITS),
            minimum=min(confidences),
            maximum=max(confidences),
            standard_deviation=round(pstdev(confidences), _DIGITS),
        ),
    )


def _rates(intent: str, intents: Sequence[str], best: Sequence[str | None]) -> ErrorRates:
    own = [taken == intent for true, taken in zip(intents, best, strict=True) if true == intent]
    others = [taken == intent for true, taken in zip(intents, best, strict=True) if true != intent]
    return ErrorRates(
        type_1_error=sum(others) / len(others) if others else None,
        type_2_error=1 - sum(own) / len(own) if own else None,
    )
