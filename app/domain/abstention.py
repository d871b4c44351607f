"""Decide whether a model is sure enough to name an intent."""

from dataclasses import dataclass

from .prediction import FallbackReason


@dataclass(frozen=True, slots=True)
class Abstention:
    """The rule a model abstains by; `min_confidence` is a probability in [0, 1]."""

    min_confidence: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"a confidence lies between 0 and 1, not at {self.min_confidence}")

    def reason(self, confidence: float) -> FallbackReason | None:
        """Say why an intent of that confidence is not to be named, or None where it is."""
        return FallbackReason.LOW_CONFIDENCE if confidence < self.min_confidence else None
