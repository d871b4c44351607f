"""
The intent classifier of flight requests (A): the top three of a text, five labelled errors, and its probes.

Its `/metrics` is ours, where the old names stand beside the new ones (service/old_metric_names.py).
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from ...domain.caller import Scope
from ...domain.error_code import code_of
from ...domain.errors import InvalidRequestError, ParleyError
from ...service.predict import Question
from ..decoding import MalformedBodyError, UnsupportedMediaTypeError
from ..errors import error_reply
from ..operation import Answer, Call, Operation, PlainText, Refusals, Services
from ..query_values import flag_in
from .contract import JSON, TEXT, Contract, Terms, answered, json_of

TAG: Final = "atis"
UNKNOWN: Final = "<unknown>"
_PLACES: Final = 3


class IntentRequest(msgspec.Struct, frozen=True):
    """What to classify."""

    text: str


class LabelledConfidence(msgspec.Struct, frozen=True):
    """One place of the ranking."""

    label: Annotated[str, Meta(description="The intent, or `<unknown>`.")]
    confidence: float


class IntentsReply(msgspec.Struct, frozen=True):
    """The three best, best first; fewer where the model has fewer."""

    intents: list[LabelledConfidence]


class LabelledErrorReply(msgspec.Struct, frozen=True):
    """What is wrong."""

    label: Annotated[
        str,
        Meta(
            description="`BODY_MISSING`, `TEXT_MISSING`, `INVALID_TYPE`, `TEXT_EMPTY` or `BAD_REQUEST`; of what the "
            "old system did not refuse, our code in capitals."
        ),
    ]
    message: str


class MessageReply(msgspec.Struct, frozen=True):
    """A message."""

    message: str


class LabelledError(InvalidRequestError):
    """A body that is refused under a label of the old system."""

    def __init__(self, label: str, message: str) -> None:
        self.label = label
        super().__init__(message)


def contract(terms: Terms) -> Contract:
    """Build its routes."""

    def intent(services: Services, call: Call) -> Answer:
        return _intent(services, call, terms.model)

    asks = Operation(
        name="atis_intent",
        method="POST",
        path="/intent",
        scope=Scope.PREDICT,
        tag=TAG,
        summary="The three best intents of a text",
        description="Best first. With `?unknown=true`, a text that is out of scope has `<unknown>` in the first place, "
        "with the confidence of the best intent; one of which no word is known has it alone, whatever was asked.",
        raw={JSON: "A text."},
        body=IntentRequest,
        query={"unknown": "`true`: out of scope is `<unknown>`."},
        ignores_unknown=True,
        replies={200: (IntentsReply,)},
        handle=intent,
        brief=True,
        errors=(InvalidRequestError, ParleyError),
        refusals=Refusals(LabelledErrorReply, _refused),
        open_as=terms.open_as,
    )
    return Contract(operations=(asks, _READY, _EXAMPLE), documents=("/apispec_1.json",))


def _intent(services: Services, call: Call, reference: str) -> Answer:
    call.require_model(reference.partition("@")[0])
    text = _text_in(call)
    model, prediction = services.predict.one(text, Question(reference, _PLACES), may_wait=call.may_wait)
    places = [LabelledConfidence(place.intent, place.confidence) for place in prediction.ranking]
    if not places or (prediction.intent is None and flag_in(call.query, "unknown")):
        places = [LabelledConfidence(UNKNOWN, prediction.confidence), *places][:_PLACES]
    return Answer(IntentsReply(places), answered=answered(services, model, (text, prediction)))


def _text_in(call: Call) -> str:
    """
    Find the text.

    Raises:
        LabelledError: there is none, under the label that the old system had for it.
        UnsupportedMediaTypeError: it is not said to be JSON.
    """
    sent = (call.header("content-type") or "").partition(";")[0].strip().lower()
    if not call.body:
        raise LabelledError("BODY_MISSING", "Request body is missing.")
    if sent != JSON:
        raise UnsupportedMediaTypeError(f"the body's Content-Type must be {JSON}")
    try:
        content: Any = json_of(call.body)
    except MalformedBodyError:
        raise LabelledError("BAD_REQUEST", "Invalid JSON format.") from None
    if not content:
        raise LabelledError("BODY_MISSING", "Request body is missing.")
    if not isinstance(content, dict):
        raise LabelledError("BAD_REQUEST", "Invalid JSON format.")
    if "text" not in content:
        raise LabelledError("TEXT_MISSING", '"text" missing from request body.')
    text = content["text"]
    if not isinstance(text, str):
        raise LabelledError("INVALID_TYPE", '"text" is not a string.')
    if not text.strip():
        raise LabelledError("TEXT_EMPTY", '"text" is empty.')
    return text


def _ready(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes a call
    is_ready = services.models.is_ready and not services.stopping.is_set()
    return Answer(PlainText(b"OK" if is_ready else b"Not ready", TEXT), status=200 if is_ready else 423)


def _example(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes both
    return Answer(MessageReply("Success"))


def _refused(error: ParleyError, request_id: str) -> LabelledErrorReply:
    if isinstance(error, LabelledError):
        return LabelledErrorReply(error.label, str(error))
    told = error_reply(error, request_id).error
    label = "INTERNAL_ERROR" if told.code == "internal" else code_of(type(error)).upper()
    return LabelledErrorReply(label, told.message)


_READY: Final = Operation(
    name="atis_ready",
    method="GET",
    path="/ready",
    scope=None,
    tag=TAG,
    summary="Can requests be answered?",
    description="`OK`, or 423 `Not ready` while models are loaded and when the server is about to stop.",
    replies={200: (str,), 423: (str,)},
    handle=_ready,
    is_limited=False,
    brief=True,
    urgent=True,
)
_EXAMPLE: Final = Operation(
    name="atis_example",
    method="GET",
    path="/api/example",
    scope=None,
    tag=TAG,
    summary="Is anybody there?",
    description="Always the same.",
    replies={200: (MessageReply,)},
    handle=_example,
    brief=True,
)
