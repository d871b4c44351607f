"""
What a model answers.

A confidence is a calibrated probability in [0, 1]. A fallback names no intent and keeps its true confidence.
"""

from enum import StrEnum
from typing import NamedTuple


class FallbackReason(StrEnum):
    """Why a model would not name an intent."""

    NO_KNOWN_WORDS = "no_known_words"
    LOW_CONFIDENCE = "low_confidence"
    FAR_FROM_TRAINING_DATA = "far_from_training_data"


class IntentScore(NamedTuple):
    """One place of a ranking."""

    intent: str
    confidence: float


class Prediction(NamedTuple):
    """
    The answer to one input.

    `confidence` belongs to the first place of the ranking, whether or not `intent` names it; it is 0.0, and the
    ranking empty, where nothing of the input was known to the model.
    """

    intent: str | None
    confidence: float
    fallback: FallbackReason | None
    ranking: tuple[IntentScore, ...]

    @property
    def best(self) -> str | None:
        """The highest-scoring intent, named or not."""
        return self.ranking[0].intent if self.ranking else None
