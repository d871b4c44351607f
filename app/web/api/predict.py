"""`POST /predict`: a text or a record, or many of them, to intents."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.error_code import code_of
from ...domain.errors import (
    AliasNotFoundError,
    InputTooLongError,
    InvalidModelNameError,
    InvalidModelReferenceError,
    InvalidRecordError,
    InvalidRequestError,
    ModelNotFoundError,
    ModelNotReadyError,
    ModelUnavailableError,
    TooManyInputsError,
    UnknownIntentError,
    VersionNotFoundError,
    WrongInputKindError,
)
from ...domain.example import Input, text_of
from ...domain.logged_request import AnsweredInputs, LoggedInput
from ...domain.patience import MustWaitError
from ...domain.prediction import FallbackReason, Prediction
from ...domain.version_errors import NoActiveVersionError
from ...service.model_state import LoadedModel
from ...service.predict import AnsweredRecord, Question, response_to
from ..errors import ItemError
from ..operation import Answer, Call, Example, Operation, Services

_ONE_OF_FOUR: Final = "send one of `text` (one), `texts` (a list), `record` (one) and `records` (a list)"


class PredictRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to classify: `text`, `texts`, `record` or `records`, one of them."""

    text: Annotated[str, Meta(description="One text, up to 10,000 characters.")] | UnsetType = UNSET
    texts: Annotated[list[str], Meta(description="Up to 1,024 texts, answered in order.")] | UnsetType = UNSET
    record: (
        Annotated[
            dict[str, Any],
            Meta(description="One record, for a model that takes records: its fields stand in `GET /models/{name}`."),
        ]
        | UnsetType
    ) = UNSET
    records: Annotated[list[Any], Meta(description="Up to 1,024 records, answered in order.")] | UnsetType = UNSET
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


class FieldWarning(msgspec.Struct, frozen=True):
    """What of a record could not be read; it was answered all the same."""

    field: str
    message: str


_Warnings = Annotated[
    list[FieldWarning], Meta(description="Fields that are malformed or none of the model's; the rest was answered by.")
]


class RecordReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one record, by which version of which model."""

    model: str
    version: int
    request_id: str
    intent: _Intent
    confidence: _Confidence
    fallback: _Fallback
    ranking: list[Place]
    warnings: _Warnings
    response: _Response | UnsetType = UNSET


class RecordBatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one record of a batch, or nothing but `error` where that record alone could not be answered."""

    intent: _Intent | UnsetType = UNSET
    confidence: _Confidence | UnsetType = UNSET
    fallback: _Fallback | UnsetType = UNSET
    ranking: list[Place] | UnsetType = UNSET
    warnings: _Warnings | UnsetType = UNSET
    response: _Response | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


class RecordBatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to many records, in their order."""

    model: str
    version: int
    request_id: str
    predictions: list[RecordBatchItem]


def predict(services: Services, call: Call) -> Answer:
    """Answer one text or record, or many."""
    request: PredictRequest = call.body
    if request.record is not UNSET or request.records is not UNSET:
        return _of_records(services, call, request)
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
    raise InvalidRequestError(_ONE_OF_FOUR, field="text")


def _of_records(services: Services, call: Call, request: PredictRequest) -> Answer:
    sent = [getattr(request, name) is not UNSET for name in ("text", "texts", "record", "records")]
    if sum(sent) != 1:
        raise InvalidRequestError(_ONE_OF_FOUR, field="record")
    question = Question(request.model, request.top_k, request.intents)
    if isinstance(request.record, dict):
        model, answer = services.predict.one_record(request.record, question, may_wait=call.may_wait)
        return Answer(
            RecordReply(
                model=model.name, version=model.version, request_id=call.request_id, **_answer_to_record(model, answer)
            ),
            answered=_answered(services, model, [(request.record, answer.prediction)]),
        )
    if not call.may_wait:
        raise MustWaitError
    records: list[Any] = request.records or []  # not unset: it is the one that was sent
    model, answers = services.predict.many_records(records, question)
    items = [
        RecordBatchItem(**_answer_to_record(model, answer))
        if isinstance(answer, AnsweredRecord)
        else RecordBatchItem(error=ItemError(code_of(type(answer)), str(answer)))
        for answer in answers
    ]
    told = [
        (record, answer.prediction)
        for record, answer in zip(records, answers, strict=True)
        if isinstance(answer, AnsweredRecord)
    ]
    return Answer(
        RecordBatchReply(model=model.name, version=model.version, request_id=call.request_id, predictions=items),
        answered=_answered(services, model, told),
    )


def _answer_to_record(model: LoadedModel, answer: AnsweredRecord) -> dict[str, Any]:
    told = _answer(model, "", answer.prediction)
    del told["text"]
    return {**told, "warnings": [FieldWarning(*remark) for remark in answer.remarks]}


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
    services: Services, model: LoadedModel, answers: Iterable[tuple[Input, Prediction | InputTooLongError]]
) -> AnsweredInputs:
    keeps_text = services.observation.keeps_text
    return AnsweredInputs(
        model.name,
        model.version,
        tuple(
            [
                LoggedInput(answer.intent, answer.confidence, answer.fallback, text_of(one) if keeps_text else None)
                for one, answer in answers
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
            "those take part in the ranking and confidences stay what they were. A model of the family `record` takes "
            "`record` or `records`: fields that are missing or malformed are no error, and the latter are told in "
            "`warnings`."
        ),
        body=PredictRequest,
        replies={200: (PredictReply, BatchReply, RecordReply, RecordBatchReply)},
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
            WrongInputKindError,
            InvalidRecordError,
            NoActiveVersionError,
            ModelNotReadyError,
            ModelUnavailableError,
        ),
        examples=(
            Example("One text", {"text": "can you tell me a joke please"}),
            Example("Another model", {"text": "flights from boston to denver", "model": "flights", "top_k": 5}),
            Example("Many texts", {"texts": ["my card was stolen", "when do you open?"], "model": "support"}),
            Example(
                "A record",
                {"record": {"bio": "I map hiking trails", "joined": "2024-05-04T10:00Z"}, "model": "accounts"},
            ),
        ),
    ),
)
