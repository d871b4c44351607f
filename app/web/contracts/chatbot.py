"""
The chatbot of a web page (K): a text in, one of the intent's replies out, as text.

The page writes the text into JSON, a JSON string, the bare body or behind the path, with `%20` for blanks. Where a
conversation stands travels with the client: it sends the context that it was told last, and the server keeps none.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, quote, unquote

from ...domain.caller import Scope
from ...domain.errors import InvalidRequestError, ParleyError
from ...service.model_state import LoadedModel
from ...service.predict import Question, response_to
from ..decoding import MalformedBodyError
from ..errors import error_reply
from ..operation import Alternative, Answer, Call, Operation, PlainText, Refusals, Sent, Services
from .contract import JSON, TEXT, Contract, Terms, answered, json_of

TAG: Final = "chatbot"
CONTEXT: Final = "X-Context"
NOT_UNDERSTOOD: Final = "Sorry, I did not understand that."
_PLAIN: Final = "text/plain"
_CONTEXT_AT_MOST: Final = 200
_BLANK: Final = "%20"


class Said(NamedTuple):
    """What a person typed, and the context that their client was told last."""

    text: str
    context: str = ""


def contract(terms: Terms) -> Contract:
    """Build its routes."""

    def reply(services: Services, call: Call) -> Answer:
        return _reply(services, call, terms.model)

    operation = Operation(
        name="chatbot_predict",
        method="POST",
        path="/predict",
        scope=Scope.PREDICT,
        tag=TAG,
        summary="Say something to a bot",
        description=(
            '`text/plain` with `{"data": "…"}` or the bare text, JSON `{"data": "…"}`, a JSON string, or `?data=` '
            "without a body: 201, and one of the intent's replies as text. `%20` in a text is a blank. The context of "
            f"the conversation comes in as `context` beside `data`, behind the path or in `{CONTEXT}`, and goes out in "
            f"`{CONTEXT}`, percent-encoded; intents with a `context_filter` are meant in that context alone."
        ),
        raw={
            _PLAIN: '`{"data": "…"}`, or a text as it is.',
            JSON: '`{"data": "…"}` or a JSON string.',
        },
        query={"data": "The text, where there is no body.", "context": "What the last reply said in `X-Context`."},
        ignores_unknown=True,
        replies={201: (str,)},
        handle=reply,
        brief=True,
        errors=(InvalidRequestError, ParleyError),
        refusals=Refusals(str, _refused),
        open_as=terms.open_as,
        of_any_origin=terms.is_open,
    )
    return Contract(others=(Alternative(operation, is_meant),))


def is_meant(sent: Sent) -> bool:
    """Say whether a request that is not of our own shape is one of a chatbot's page."""
    if sent.content_type == _PLAIN:
        return True
    if not sent.body:
        return "data" in parse_qs(sent.query, keep_blank_values=True)
    if sent.content_type != JSON:
        return False
    try:
        content = json_of(sent.body)
    except MalformedBodyError:
        return False
    return isinstance(content, str) or (isinstance(content, dict) and "data" in content)


def _reply(services: Services, call: Call, reference: str) -> Answer:
    call.require_model(reference.partition("@")[0])
    said = said_in(call)
    model = services.models.get(reference, may_wait=call.may_wait)
    allowed = allowed_intents(model, said.context)
    if allowed is not None and not allowed:
        return _told(NOT_UNDERSTOOD, said.context)
    version = f"{model.name}@{model.version}" if allowed else reference  # intents are those of this one
    model, prediction = services.predict.one(said.text, Question(version, 3, allowed), may_wait=call.may_wait)
    told = answered(services, model, (said.text, prediction))
    if prediction.intent is None:
        return _told(NOT_UNDERSTOOD, said.context, told)
    known = model.pipeline.replies.get(prediction.intent)
    context = (known.context_set if known else "") or said.context
    return _told(response_to(model, prediction) or prediction.intent, context, told)


def said_in(call: Call) -> Said:
    """
    Find the text, wherever the page put it.

    Raises:
        InvalidRequestError: there is none.
    """
    context = unquote(call.header(CONTEXT.lower()) or call.query.get("context", ""))
    found: object = call.query.get("data") if not call.body else _found(call.body)
    given: object = context
    if isinstance(found, dict):
        given, found = found.get("context", context), found.get("data")
    if not isinstance(found, str) or not found.strip():
        raise InvalidRequestError("send a text as `data`", field="data")
    if not isinstance(given, str) or len(given) > _CONTEXT_AT_MOST:
        raise InvalidRequestError(f"a context is a text of up to {_CONTEXT_AT_MOST} characters", field="context")
    return Said(found.replace(_BLANK, " "), given)


def _found(body: bytes) -> object:
    """Read what stands in a body: JSON of a page, or else the body is the text."""
    try:
        content = json_of(body)
    except MalformedBodyError:
        content = None
    if isinstance(content, str) or (isinstance(content, dict) and "data" in content):
        return content
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise MalformedBodyError("the body is not UTF-8") from None


def allowed_intents(model: LoadedModel, context: str) -> list[str] | None:
    """Give the intents that may be meant in a context; None: all, for no reply of the model asks for another."""
    replies = model.pipeline.replies
    barred = {name for name, reply in replies.items() if reply.context_filter and reply.context_filter != context}
    return _without(model.pipeline.label_encoder.intents, barred) if barred else None


def _without(intents: Iterable[str], barred: set[str]) -> list[str]:
    return [intent for intent in intents if intent not in barred]


def _told(text: str, context: str, told: Any = None) -> Answer:  # noqa: ANN401 - as it was answered
    headers = ((CONTEXT, quote(context, safe="")),) if context else ()
    return Answer(PlainText(text.encode(), TEXT), status=201, headers=headers, answered=told)


def _refused(error: ParleyError, request_id: str) -> PlainText:
    return PlainText(error_reply(error, request_id).error.message.encode(), TEXT)
