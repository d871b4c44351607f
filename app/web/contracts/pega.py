"""
The container that Pega asks (P): a text and a model's identifier in, a topic with its score as text out.

It always names the best topic, however unsure, for whoever asks compares scores. A text with `;` was several ones to
the old system, which then failed: here each is answered, and the surest is the topic.
"""

from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.errors import AuthenticationError, InvalidRequestError, ParleyError
from ...domain.patience import MustWaitError
from ...domain.prediction import Prediction
from ...service.predict import Question
from ..decoding import UnsupportedMediaTypeError
from ..errors import error_reply, status_of
from ..operation import Answer, Call, Operation, Refusals, Services
from .contract import JSON, Contract, Terms, answered, json_of

TAG: Final = "pega"
_SEPARATOR: Final = ";"


class TopicRequest(msgspec.Struct, frozen=True, rename={"model_identifier": "modelIdentifier"}):
    """What to classify, and by which model."""

    model_identifier: str
    text: str


class Topic(msgspec.Struct, frozen=True):
    """A topic and how sure it is."""

    name: str
    score: Annotated[str, Meta(description="With two decimals.")]


class TopicReply(msgspec.Struct, frozen=True):
    """The answer to a text."""

    text: str
    topic: Annotated[Topic, Meta(description="Of several texts the surest one's.")]
    topics: Annotated[list[Topic], Meta(description="Of each text between `;`, in their order.")] | UnsetType = UNSET


class TopicErrorReply(msgspec.Struct, frozen=True, rename={"status_code": "statusCode"}):
    """What is wrong."""

    status: str
    status_code: str
    message: str


class NotAllowedReply(msgspec.Struct, frozen=True):
    """No good token."""

    message: None = None


class MissingKeyError(InvalidRequestError):
    """A body without a text, or without the identifier of a model."""


def contract(terms: Terms) -> Contract:
    """Build its routes; without a proof there is one only where the contract is open."""
    asks = partial(
        Operation,
        method="POST",
        scope=Scope.PREDICT,
        tag=TAG,
        description="`score` is a text with two decimals. Texts with `;` between them are answered one by one.",
        raw={JSON: "A text and a model."},
        body=TopicRequest,
        replies={200: (TopicReply,)},
        handle=_predict,
        brief=True,
        errors=(InvalidRequestError, ParleyError),
    )
    with_token = asks(
        name="pega_auth",
        path="/auth/predict",
        summary="The topic of a text",
        refusals=Refusals(TopicErrorReply, _not_allowed),
    )
    without = asks(
        name="pega_noauth",
        path="/noauth/predict",
        summary="The topic of a text, without credentials",
        refusals=Refusals(TopicErrorReply, _refused),
        open_as=terms.open_as,
    )
    return Contract(
        operations=(with_token, without) if terms.is_open else (with_token,),
        documents=("/swagger.json",),
        redirects={"/api/docs": "/swagger.json", "/doc": "/apidocs/"},
    )


def _predict(services: Services, call: Call) -> Answer:
    reference, text = _asked(call)
    call.require_model(reference.partition("@")[0])
    parts = [part for part in text.split(_SEPARATOR) if part.strip()]
    if len(parts) <= 1:
        model, prediction = services.predict.one(text, Question(reference, 1), may_wait=call.may_wait)
        return Answer(TopicReply(text, _topic(prediction)), answered=answered(services, model, (text, prediction)))
    if not call.may_wait:
        raise MustWaitError
    model, answers = services.predict.many(parts, Question(reference, 1))
    predictions = []
    for answer in answers:
        if not isinstance(answer, Prediction):
            raise answer
        predictions.append(answer)
    surest = max(predictions, key=attrgetter("confidence"))
    told = answered(services, model, *zip(parts, predictions, strict=True))
    return Answer(TopicReply(text, _topic(surest), [_topic(one) for one in predictions]), answered=told)


def _asked(call: Call) -> tuple[str, str]:
    """
    Find the model and the text.

    Raises:
        MissingKeyError: one of them is not there.
        InvalidRequestError: it is no text, or the body is no JSON.
    """
    sent = (call.header("content-type") or "").partition(";")[0].strip().lower()
    if sent != JSON:
        raise UnsupportedMediaTypeError(f"the body's Content-Type must be {JSON}")
    content: Any = json_of(call.body)
    if not isinstance(content, dict):
        raise InvalidRequestError("an object is expected")
    found = []
    for key in ("modelIdentifier", "text"):
        if key not in content:
            raise MissingKeyError("Mapping key not found.")
        if not isinstance(content[key], str):
            raise InvalidRequestError(f"{key} is no text", field=key)
        found.append(content[key])
    return found[0], found[1]


def _topic(prediction: Prediction) -> Topic:
    return Topic(prediction.best or "", f"{prediction.confidence:.2f}")


def _refused(error: ParleyError, request_id: str) -> TopicErrorReply:
    status = str(status_of(type(error)))
    if isinstance(error, MissingKeyError):
        return TopicErrorReply("Error Accessing Keys", status, str(error))
    return TopicErrorReply("Unknown Error", status, error_reply(error, request_id).error.message)


def _not_allowed(error: ParleyError, request_id: str) -> TopicErrorReply | NotAllowedReply:
    if isinstance(error, AuthenticationError):
        return NotAllowedReply()
    return _refused(error, request_id)
