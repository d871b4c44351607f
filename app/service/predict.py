"""Answer texts and records: which model, which intent, how sure, and what a bot may reply."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from ..domain.entity import FoundEntities
from ..domain.errors import InputTooLongError, InvalidRecordError, TooManyInputsError, WrongInputKindError
from ..domain.example import InputKind, text_of
from ..domain.patience import MustWaitError
from ..domain.prediction import Prediction
from ..families.contract import Remark
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


class AnsweredRecord(NamedTuple):
    """The answer to a record, and what of the record could not be read."""

    prediction: Prediction
    remarks: tuple[Remark, ...]


Refusal: TypeAlias = InputTooLongError | InvalidRecordError
"""Why one input of many has no answer."""


class Predict:
    """The use case of every prediction."""

    def __init__(
        self, models: LoadedModels, limits: Limits, cache: PredictionCache, now: Callable[[], datetime] = datetime.now
    ) -> None:
        """`now` tells the moment that "tomorrow" is counted from, in the time of this machine."""
        self._models, self.limits, self._cache, self._now = models, limits, cache, now

    def one(self, text: str, question: Question, *, may_wait: bool = True) -> tuple[LoadedModel, Prediction]:
        """
        Answer one text, and say which version did.

        Raises:
            InputTooLongError, UnknownIntentError, WrongInputKindError: the question cannot be answered.
            MustWaitError: the model's entities take longer than the event loop has, and `may_wait` is not set.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        model = self._models.get(question.model, may_wait=may_wait)
        if model.pipeline.features.input_kind is not InputKind.TEXT:
            raise WrongInputKindError(model.name, "text", "record")
        too_long = self._too_long(text, "text")
        if too_long:
            raise too_long
        if not may_wait and (entities := model.pipeline.entities) is not None and entities.takes_time_for(text):
            raise MustWaitError
        intents = None if question.intents is None else tuple(question.intents)

        def predict() -> Prediction:
            [prediction] = model.pipeline.predict([text], top_k=question.top_k, intents=intents)
            return prediction

        return model, self._cache.answer(model, (text, question.top_k, intents), predict)

    def entities(self, model: LoadedModel, text: str) -> FoundEntities | None:
        """Find what is named in a text, each time anew; None where the model declares nothing."""
        finder = model.pipeline.entities
        return None if finder is None else finder.find(text, self._now())

    def many(
        self, texts: Sequence[str], question: Question
    ) -> tuple[LoadedModel, list[Prediction | InputTooLongError]]:
        """
        Answer texts by one version; a text that is too long has its error in the place of an answer.

        Raises:
            TooManyInputsError, UnknownIntentError, WrongInputKindError: the question cannot be answered.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        if len(texts) > self.limits.max_texts:
            raise TooManyInputsError(len(texts), self.limits.max_texts, "texts")
        model = self._models.get(question.model)
        if model.pipeline.features.input_kind is not InputKind.TEXT:
            raise WrongInputKindError(model.name, "texts", "record")
        refused = {row: error for row, text in enumerate(texts) if (error := self._too_long(text, f"texts[{row}]"))}
        answerable = [text for row, text in enumerate(texts) if row not in refused]
        predictions = iter(model.pipeline.predict(answerable, top_k=question.top_k, intents=question.intents))
        return model, [refused[row] if row in refused else next(predictions) for row in range(len(texts))]

    def one_record(
        self, record: object, question: Question, *, may_wait: bool = True
    ) -> tuple[LoadedModel, AnsweredRecord]:
        """
        Answer one record, and say which version did.

        Raises:
            InvalidRecordError, InputTooLongError, UnknownIntentError, WrongInputKindError: the question cannot be
                answered.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        model = self._taking_records(question, "record", may_wait=may_wait)
        if refused := self._refused(record, "record"):
            raise refused
        [answer] = answers_to_records(model, [record], question)
        return model, answer

    def many_records(
        self, records: Sequence[object], question: Question
    ) -> tuple[LoadedModel, list[AnsweredRecord | Refusal]]:
        """
        Answer records by one version; what is no record, or too long, has its error in the place of an answer.

        Raises:
            TooManyInputsError, UnknownIntentError, WrongInputKindError: the question cannot be answered.
            What `LoadedModels.get` raises: there is no such model to ask.
        """
        if len(records) > self.limits.max_texts:
            raise TooManyInputsError(len(records), self.limits.max_texts, "records")
        model = self._taking_records(question, "records")
        refused = {row: why for row, one in enumerate(records) if (why := self._refused(one, f"records[{row}]"))}
        answerable = [one for row, one in enumerate(records) if row not in refused]
        answers = iter(answers_to_records(model, answerable, question))
        return model, [refused[row] if row in refused else next(answers) for row in range(len(records))]

    def _taking_records(self, question: Question, sent: str, *, may_wait: bool = True) -> LoadedModel:
        model = self._models.get(question.model, may_wait=may_wait)
        if model.pipeline.features.input_kind is not InputKind.RECORD:
            raise WrongInputKindError(model.name, sent, "text")
        return model

    def _refused(self, record: object, field: str) -> Refusal | None:
        return self._too_long(text_of(record), field) if isinstance(record, Mapping) else InvalidRecordError(field)

    def _too_long(self, text: str, field: str) -> InputTooLongError | None:
        return too_long(text, self.limits.max_text_chars, field)


def too_long(text: str, limit: int, field: str) -> InputTooLongError | None:
    """Say that a text, or the JSON of a record, is longer than may be; None where it is not."""
    return InputTooLongError(len(text), limit, field) if len(text) > limit else None


def answers_to_records(model: LoadedModel, records: Sequence[Any], question: Question) -> list[AnsweredRecord]:
    """Answer records, and say what of each could not be read."""
    predictions = model.pipeline.predict(records, top_k=question.top_k, intents=question.intents)
    remarks = model.pipeline.features.remarks
    return [AnsweredRecord(one, remarks(record)) for record, one in zip(records, predictions, strict=True)]


def answer_of(prediction: Prediction) -> dict[str, Any]:
    """Say what was answered, as it is written as JSON."""
    return {
        "intent": prediction.intent,
        "confidence": prediction.confidence,
        "fallback": prediction.fallback,
        "ranking": [place._asdict() for place in prediction.ranking],
    }


def named_in(model: LoadedModel, text: str, now: datetime) -> dict[str, Any]:
    """Say what is named in a text, as it is written as JSON; nothing where the model declares no entities."""
    if model.pipeline.entities is None:
        return {}
    found = model.pipeline.entities.find(text, now)
    return {"entities": [entity._asdict() for entity in found.entities]} | (
        {} if found.is_complete else {"entities_complete": False}
    )


def response_to(model: LoadedModel, prediction: Prediction) -> str | None:
    """Choose one of the replies that the data have for the intent, or None where there is none."""
    reply = model.pipeline.replies.get(prediction.intent or "")
    return random.choice(reply.texts) if reply and reply.texts else None  # noqa: S311 - any will do
