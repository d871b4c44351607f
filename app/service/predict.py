"""Answer texts: which model, which intent, how sure, and what a bot may reply."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.errors import InputTooLongError, TooManyInputsError
from ..domain.prediction import Prediction
from .loaded_models import LoadedModels
from .model_state import LoadedModel
from .prediction_cache import PredictionCache


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for."""

    max_text_chars: int
    max_texts: int


@dataclass(frozen=True, slots=True)
class Question:
    """How texts are to be answered; `model` is a reference, None the default; `intents` restricts the ranking."""

    model: str | None = None
    top_k: int = 3
    intents: Sequence[str] | None = None


class Predict:
    """The use case of every prediction."""

    def __init__(self, models: LoadedModels, limits: Limits, cache: PredictionCache) -> None:
        self._models, self.limits, self._cache = models, limits, cache

    def one(self, text: str, question: Question, *, may_wait: bool = True) -> tuple[LoadedModel, Prediction]:
        """
        Answer one text, and say which version did.

        Raises:
            InputTooLongError, UnknownIntentError: the question cannot be answered.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        model = self._models.get(question.model, may_wait=may_wait)
        too_long = self._too_long(text, "text")
        if too_long:
            raise too_long
        intents = None if question.intents is None else tuple(question.intents)

        def predict() -> Prediction:
            [prediction] = model.pipeline.predict([text], top_k=question.top_k, intents=intents)
            return prediction

        return model, self._cache.answer(model, (text, question.top_k, intents), predict)

    def many(
        self, texts: Sequence[str], question: Question
    ) -> tuple[LoadedModel, list[Prediction | InputTooLongError]]:
        """
        Answer texts by one version; a text that is too long has its error in the place of an answer.

        Raises:
            TooManyInputsError, UnknownIntentError: the question cannot be answered.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        if len(texts) > self.limits.max_texts:
            raise TooManyInputsError(len(texts), self.limits.max_texts, "texts")
        model = self._models.get(question.model)
        refused = {row: error for row, text in enumerate(texts) if (error := self._too_long(text, f"texts[{row}]"))}
        answerable = [text for row, text in enumerate(texts) if row not in refused]
        predictions = iter(model.pipeline.predict(answerable, top_k=question.top_k, intents=question.intents))
        return model, [refused[row] if row in refused else next(predictions) for row in range(len(texts))]

    def _too_long(self, text: str, field: str) -> InputTooLongError | None:
        limit = self.limits.max_text_chars
        return InputTooLongError(len(text), limit, field) if len(text) > limit else None


def response_to(model: LoadedModel, prediction: Prediction) -> str | None:
    """Choose one of the replies that the data have for the intent, or None where there is none."""
    reply = model.pipeline.replies.get(prediction.intent or "")
    return random.choice(reply.texts) if reply and reply.texts else None  # noqa: S311 - any will do
