"""
Accuracy, precision, recall, F1 and confusion of predictions, as scikit-learn has them (no truth or prediction: 0).

A macro average counts every intent alike, a weighted one by its examples.

Figures are about the highest-scoring intent, whether or not the model was sure enough to name it; what abstaining
does is reported apart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ..domain.prediction import Prediction
from .two_classes import TwoClassFigures, measure_two_classes

_CONFUSED_PAIRS = 10


class IntentFigures(msgspec.Struct, frozen=True):
    """How one intent fares; `support` counts its true examples."""

    precision: float
    recall: float
    f1: float
    support: int


class ConfusionCell(msgspec.Struct, frozen=True):
    """Examples of `intent` that were taken for `taken_for` (None: nothing in them was known)."""

    intent: str
    taken_for: str | None
    count: int


class AbstentionFigures(msgspec.Struct, frozen=True):
    """What abstaining does: the share of examples given an intent, and how many of those got the right one."""

    coverage: float
    precision: float | None
    fallbacks: dict[str, int]
    """By reason."""


class Figures(msgspec.Struct, frozen=True):
    """Figures of one set of examples; rates from 0 to 1."""

    examples: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    weighted_precision: float
    weighted_recall: float
    weighted_f1: float
    intents: dict[str, IntentFigures]
    confusion: list[ConfusionCell]
    """The confusion matrix without its zeros; the diagonal is in it."""
    most_confused: list[ConfusionCell]
    abstention: AbstentionFigures
    two_classes: TwoClassFigures | None = None
    """Of two intents; None where there are more."""

    def headline(self) -> dict[str, float]:
        """Give the two figures that stand for the rest."""
        return {"accuracy": self.accuracy, "macro_f1": self.macro_f1}


def measure(intents: Sequence[str], predictions: Sequence[Prediction]) -> Figures:
    """
    Compare predictions with the true intents, example by example.

    Raises:
        ValueError: there is no example, or not one prediction for each.
    """
    if not intents:
        raise ValueError("nothing to measure")
    pairs = list(zip(intents, (prediction.best for prediction in predictions), strict=True))
    right = Counter(intent for intent, best in pairs if intent == best)
    taken_for = Counter(best for _, best in pairs if best is not None)
    support = Counter(intents)
    per_intent = {
        intent: _of_intent(right[intent], taken_for[intent], support[intent]) for intent in sorted(support | taken_for)
    }
    cells = [ConfusionCell(intent, best, count) for (intent, best), count in Counter(pairs).items()]
    cells.sort(key=lambda cell: (cell.intent, cell.taken_for or ""))
    rates = list(per_intent.values())
    return Figures(
        examples=len(intents),
        accuracy=sum(right.values()) / len(intents),
        macro_precision=sum(of_intent.precision for of_intent in rates) / len(rates),
        macro_recall=sum(of_intent.recall for of_intent in rates) / len(rates),
        macro_f1=sum(of_intent.f1 for of_intent in rates) / len(rates),
        weighted_precision=sum(of_intent.precision * of_intent.support for of_intent in rates) / len(intents),
        weighted_recall=sum(of_intent.recall * of_intent.support for of_intent in rates) / len(intents),
        weighted_f1=sum(of_intent.f1 * of_intent.support for of_intent in rates) / len(intents),
        intents=per_intent,
        confusion=cells,
        most_confused=confused(cells)[:_CONFUSED_PAIRS],
        abstention=_abstention(intents, predictions),
        two_classes=measure_two_classes(intents, predictions),
    )


def confused(cells: Iterable[ConfusionCell]) -> list[ConfusionCell]:
    """Give the cells of what was taken for something else, the largest first."""
    return sorted((cell for cell in cells if cell.intent != cell.taken_for), key=lambda cell: -cell.count)


def fallbacks_of(predictions: Iterable[Prediction]) -> dict[str, int]:
    """Count the predictions that name no intent, by reason."""
    return dict(sorted(Counter(p.fallback.value for p in predictions if p.fallback).items()))


def _of_intent(right: int, taken_for: int, support: int) -> IntentFigures:
    return IntentFigures(
        precision=right / taken_for if taken_for else 0.0,
        recall=right / support if support else 0.0,
        f1=2 * right / (taken_for + support) if right else 0.0,
        support=support,
    )


def _abstention(intents: Sequence[str], predictions: Sequence[Prediction]) -> AbstentionFigures:
    named = [(intent, p.intent) for intent, p in zip(intents, predictions, strict=True) if p.intent is not None]
    return AbstentionFigures(
        coverage=len(named) / len(intents),
        precision=sum(intent == given for intent, given in named) / len(named) if named else None,
        fallbacks=fallbacks_of(predictions),
    )
