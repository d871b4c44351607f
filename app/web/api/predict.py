"""`POST /predict`: a text, or many, to intents."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.error_code import code_of
from ...domain.errors import (
    AliasNotFoundError,
    InputTooLongError,
    InvalidModelNameError,
    InvalidModelReferenceError,
    InvalidRequestError,
    ModelNotFoundError,
    ModelNotReadyError,
    ModelUnavailableError,
    TooManyInputsError,
    UnknownIntentError,
    VersionNotFoundError,
)
from ...domain.logged_request import AnsweredInputs, LoggedInput
from ...domain.patience import MustWaitError
from ...domain.prediction import FallbackReason, Prediction
from ...domain.version_errors import NoActiveVersionError
from ...service.model_state import LoadedModel
from ...service.predict import Question, response_to
from ..errors import ItemError
from ..operation import Answer, Call, Example, Operation, Services


class PredictRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to classify: `text` or `texts`, one of them."""

    text: Annotated[str, Meta(description="One text, up to 10,000 characters.")] | UnsetType = UNSET
    texts: Annotated[list[str], Meta(description="Up to 1,024 texts, answered in order.")] | UnsetType = UNSET
    model: Annotated[str, Meta(description="`name`, `name@7` or `name@alias`; absent: the default model.")] | None = (
        None
    )
    top_k: Annotated[int, Meta(ge=1, le=1000, description="Places of the ranking, at the most.")] = 3
    intents: (
        Annotated[list[str], Meta(min_length=1, max_length=1000, description="Only these take part in the ranking.")]
        | None
    ) = None


class Place(msgspec.Struct, frozen=True):
    """One place of a ranking."""

    intent: str
    confidence: Annotated[float, Meta(ge=0, le=1)]


_Intent = Annotated[str | None, Meta(description="null where the model is not sure enough.")]
_Confidence = Annotated[float, Meta(ge=0, le=1, description="Calibrated probability of the first place.")]
_Fallback = Annotated[FallbackReason | None, Meta(description="Why no intent is named; null where one is.")]
_Response = Annotated[str, Meta(description="One of the intent's replies, where its data have any.")]


class PredictReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one text, by which version of which model."""

    model: str
    version: int
    request_id: str
    text: str
    intent: _Intent
    confidence: _Confidence
    fallback: _Fallback
    ranking: list[Place]
    response: _Response | UnsetType = UNSET


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one text of a batch, or nothing but `error` where that text alone could not be answered."""

    text: str | UnsetType = UNSET
    intent: _Intent | UnsetType = UNSET
    confidence: _Confidence | UnsetType = UNSET
    fallback: _Fallback | UnsetType = UNSET
    ranking: list[Place] | UnsetType = UNSET
    response: _Response | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


class BatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to many texts, in their order."""

    model: str
    version: int
    request_id: str
    predictions: list[BatchItem]


def predict(services: Services, call: Call) -> Answer:
    """Answer one text or many."""
    request: PredictRequest = call.body
    question = Question(request.model, request.top_k, request.intents)
    if isinstance(request.text, str) and request.texts is UNSET:
        model, prediction = services.predict.one(request.text, question, may_wait=call.may_wait)
        return Answer(
            PredictReply(
                model=model.name,
                version=model.version,
                request_id=call.request_id,
                **_answer(model, request.text, prediction),
            ),
            answered=_answered(services, model, [(request.text, prediction)]),
        )
    if isinstance(request.texts, list) and request.text is UNSET:
        if not call.may_wait:
            raise MustWaitError
        model, answers = services.predict.many(request.texts, question)
        items = [
            BatchItem(error=ItemError(code_of(type(answer)), str(answer)))
            if isinstance(answer, InputTooLongError)
            else BatchItem(**_answer(model, text, answer))
            for text, answer in zip(request.texts, answers, strict=True)
        ]
        return Answer(
            BatchReply(model=model.name, version=model.version, request_id=call.request_id, predictions=items),
            answered=_answered(services, model, zip(request.texts, answers, strict=True)),
        )
    raise InvalidRequestError("send either `text` (one) or `texts` (a list)", field="text")


def _answer(model: LoadedModel, text: str, prediction: Prediction) -> dict[str, Any]:
    return {
        "text": text,
        "intent": prediction.intent,
        "confidence": prediction.confidence,
        "fallback": prediction.fallback,
        "ranking": [Place(place.intent, place.confidence) for place in prediction.ranking],
        "response": response_to(model, prediction) or UNSET,
    }


def _answered(
    services: Services, model: LoadedModel, answers: Iterable[tuple[str, Prediction | InputTooLongError]]
) -> AnsweredInputs:
    keeps_text = services.observation.keeps_text
    return AnsweredInputs(
        model.name,
        model.version,
        tuple(
            [
                LoggedInput(answer.intent, answer.confidence, answer.fallback, text if keeps_text else None)
                for text, answer in answers
                if isinstance(answer, Prediction)
            ]
        ),
    )


OPERATIONS = (
    Operation(
        name="predict",
        method="POST",
        path="/predict",
        scope=Scope.PREDICT,
        tag="predict",
        summary="Which intent is it?",
        description=(
            "Classifies `text`, or each of `texts`. Where the model is not sure enough, or knows no word of the text, "
            "`intent` is null, `fallback` says why, and `confidence` is still the true one. With `intents`, only "
            "those take part in the ranking and confidences stay what they were."
        ),
        body=PredictRequest,
        replies={200: (PredictReply, BatchReply)},
        handle=predict,
        brief=True,
        errors=(
            InvalidRequestError,
            InvalidModelNameError,
            InvalidModelReferenceError,
            UnknownIntentError,
            ModelNotFoundError,
            VersionNotFoundError,
            AliasNotFoundError,
            TooManyInputsError,
            InputTooLongError,
            NoActiveVersionError,
            ModelNotReadyError,
            ModelUnavailableError,
        ),
        examples=(
            Example("One text", {"text": "can you tell me a joke please"}),
            Example("Another model", {"text": "flights from boston to denver", "model": "flights", "top_k": 5}),
            Example("Many texts", {"texts": ["my card was stolen", "when do you open?"], "model": "support"}),
        ),
    ),
)
