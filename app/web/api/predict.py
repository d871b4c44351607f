"""`POST /predict`: a text or a record, or many of them, to intents."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import UNSET

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
from ...domain.prediction import Prediction
from ...domain.version_errors import NoActiveVersionError
from ...service.model_state import LoadedModel
from ...service.predict import AnsweredRecord, Question, response_to
from ..errors import ItemError
from ..operation import Answer, Call, Example, Operation, Services
from .predict_shapes import (
    BatchItem,
    BatchReply,
    FieldWarning,
    FoundEntity,
    Place,
    PredictReply,
    PredictRequest,
    RecordBatchItem,
    RecordBatchReply,
    RecordReply,
)
from .queued import MODE, QueuedReply, is_for_the_queue, put_into_queue

_ONE_OF_FOUR: Final = "send one of `text` (one), `texts` (a list), `record` (one) and `records` (a list)"


def predict(services: Services, call: Call) -> Answer:
    """Answer one text or record, or many; or let them wait in the queue."""
    request: PredictRequest = call.body
    if call.query and is_for_the_queue(call.query):
        _require_one_input(request)
        return put_into_queue(services, call)
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
                **_named(services, model, request.text),
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
            else BatchItem(**_answer(model, text, answer), **_named(services, model, text))
            for text, answer in zip(request.texts, answers, strict=True)
        ]
        return Answer(
            BatchReply(model=model.name, version=model.version, request_id=call.request_id, predictions=items),
            answered=_answered(services, model, zip(request.texts, answers, strict=True)),
        )
    raise InvalidRequestError(_ONE_OF_FOUR, field="text")


def _require_one_input(request: PredictRequest) -> None:
    sent = {name for name in ("text", "texts", "record", "records") if getattr(request, name) is not UNSET}
    if len(sent) != 1:
        raise InvalidRequestError(_ONE_OF_FOUR, field="record" if sent & {"record", "records"} else "text")


def _of_records(services: Services, call: Call, request: PredictRequest) -> Answer:
    _require_one_input(request)
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


def _named(services: Services, model: LoadedModel, text: str) -> dict[str, Any]:
    """Give what a reply says of entities: nothing where the model declares none."""
    found = services.predict.entities(model, text)
    if found is None:
        return {}
    entities = [FoundEntity(*entity) for entity in found.entities]
    return {"entities": entities} if found.is_complete else {"entities": entities, "entities_complete": False}


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
            "`warnings`. Where the model declares entities, `entities` says what is named in a text, and where. "
            "With `mode=queue`, 202 and an id: the prediction is made when it is its turn, and "
            "`GET /predictions/{id}` has its result."
        ),
        body=PredictRequest,
        query={MODE: "`direct` (unless told) or `queue`."},
        ignores_unknown=True,
        replies={200: (PredictReply, BatchReply, RecordReply, RecordBatchReply), 202: (QueuedReply,)},
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
