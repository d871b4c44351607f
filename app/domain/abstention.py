"""Decide whether a model is sure enough to name an intent."""

from dataclasses import dataclass

from .prediction import FallbackReason


@dataclass(frozen=True, slots=True)
class Abstention:
    """The rule a model abstains by; `min_confidence` is a probability in [0, 1]."""

    min_confidence: float = 0.0

    def reason(self, confidence: float) -> FallbackReason | None:
        """Say why an intent of that confidence is not to be named, or None where it is."""
        return FallbackReason.LOW_CONFIDENCE if confidence < self.min_confidence else None
