"""Where two versions answer the same texts differently."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ..domain.prediction import Prediction

Origin = Literal["test", "live"]


class AskedText(NamedTuple):
    """A text that both are asked; `intent` is the right one, where it is known."""

    text: str
    origin: Origin
    intent: str | None = None


class Difference(NamedTuple):
    """A text that is not answered by the same intent."""

    asked: AskedText
    before: Prediction
    after: Prediction


def differences(
    asked: Sequence[AskedText], before: Sequence[Prediction], after: Sequence[Prediction]
) -> list[Difference]:
    """Give the texts that two versions name different intents for, in the order they were asked in."""
    found = zip(asked, before, after, strict=True)
    return [Difference(text, was, now) for text, was, now in found if was.intent != now.intent]
