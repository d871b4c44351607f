"""
Accuracy, precision, recall and F1 of predictions, as scikit-learn defines them (no truth or no prediction: 0).

Figures are about the highest-scoring intent, whether or not the model was sure enough to name it; what abstaining
does is reported apart.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from ..domain.prediction import Prediction

_CONFUSED_PAIRS = 10


class IntentFigures(msgspec.Struct, frozen=True):
    """How one intent fares; `support` counts its true examples."""

    precision: float
    recall: float
    f1: float
    support: int


class ConfusedPair(msgspec.Struct, frozen=True):
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
    intents: dict[str, IntentFigures]
    most_confused: list[ConfusedPair]
    abstention: AbstentionFigures

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
    confused = Counter((intent, best) for intent, best in pairs if intent != best)
    ordered = sorted(confused.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
    n_intents = len(per_intent)
    return Figures(
        examples=len(intents),
        accuracy=sum(right.values()) / len(intents),
        macro_precision=sum(figures.precision for figures in per_intent.values()) / n_intents,
        macro_recall=sum(figures.recall for figures in per_intent.values()) / n_intents,
        macro_f1=sum(figures.f1 for figures in per_intent.values()) / n_intents,
        intents=per_intent,
        most_confused=[ConfusedPair(intent, best, n) for (intent, best), n in ordered[:_CONFUSED_PAIRS]],
        abstention=_abstention(intents, predictions),
    )


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
        fallbacks=dict(sorted(Counter(p.fallback.value for p in predictions if p.fallback).items())),
    )
