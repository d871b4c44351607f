"""
Accounts one by one (B, as it was in 2018): the id in the path, a token and a verdict among the arguments.

The service of then looked an account up in the database of its community. Here its fields come along, in the query, a
form or JSON, under the names that `POST /predict` knows; an id that comes alone is that of nobody who is known. The
token is an API key or an access token.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from ...domain.caller import Scope
from ...domain.errors import InvalidRequestError, ParleyError
from ...domain.identity_errors import SeveralProofsError
from ...domain.job import TrainingMode
from ...domain.model_reference import ModelReference
from ...domain.training_errors import UntrainableOrderError
from ...service.model_state import LoadedModel
from ...service.predict import AnsweredRecord, Question
from ...service.train import Wish, dataset_of_inputs
from ..authentication import Header, has_no_proof
from ..decoding import BodyTooLargeError, UnsupportedMediaTypeError
from ..errors import error_reply
from ..operation import Answer, Call, Operation, Refusals, Sent, Services
from ..query import read_form, read_query
from ..request import media_type
from .account_fields import GENUINE, SPAM, record_of
from .contract import JSON, Terms, answered_records, json_of
from .joined_training import joined_training

_FORM: Final = "application/x-www-form-urlencoded"
_TOKEN, _VERDICT = "token", "is_spammer"
_FIELDS: Final = (
    "email", "website", "bio", "area", "privs", "gender", "birth_date", "member_since", "email_confirm_date",
    "last_updated", "last_login_date",
)  # fmt: skip
_QUERY: Final = {
    _TOKEN: "An API key, or an access token.",
    _VERDICT: "Of a training: `true` or `false`.",
    **dict.fromkeys(_FIELDS, "Of the account."),
}
_VERDICTS: Final = {"true": True, "1": True, "false": False, "0": False}
_BYTES_AT_MOST: Final = 65_536
_MISSING: Final = "it is missing; it stands in the query, in a form or in the JSON body"


class EditorReply(msgspec.Struct, frozen=True):
    """Whether anything is known of an account: `ok`, or `could not find editor`."""

    status: str


class EditorErrorReply(msgspec.Struct, frozen=True):
    """What is wrong; by its name where it is an argument."""

    message: str | dict[str, str]


_OK: Final = EditorReply("ok")
_NOT_FOUND: Final = EditorReply("could not find editor")


def operations(terms: Terms) -> tuple[Operation, ...]:
    """Build the routes; they need a proof also where the contract is open."""
    asks = partial(
        Operation,
        method="PUT",
        tag="accounts",
        parameters={"editor": "The account's id. Nothing is looked up by it."},
        query=_QUERY,
        ignores_unknown=True,
        raw={JSON: "Arguments, and the fields of the account.", _FORM: "The same."},
        replies={200: (EditorReply,)},
        errors=(InvalidRequestError, ParleyError),
        refusals=Refusals(EditorErrorReply, _refused, forbids=True),
        proof_among=_with_token,
    )
    return (
        asks(
            name="accounts_rate",
            path="/api/1.0/{editor}/rate",
            scope=Scope.PREDICT,
            summary="Ask the model about an account",
            description="`ok`, and the verdict stands in the request log and in the metrics, as that of any "
            "prediction. Without a field of which the model knows something: `could not find editor`.",
            handle=partial(_rate, terms.model),
        ),
        asks(
            name="accounts_learn",
            path="/api/1.0/{editor}/train",
            scope=Scope.TRAIN,
            summary="Tell the verdict on an account",
            description="`ok` once the draft of the model has it. An incremental training on what the draft has and "
            "the model has not learned is begun, unless one is under way: then the next one learns it.",
            handle=partial(_learn, terms.model),
        ),
    )


def _with_token(sent: Sent, header: Header) -> Header:
    """
    Give the headers with the token among the arguments as the proof.

    Raises:
        InvalidRequestError: there is none, nor any other proof.
        SeveralProofsError: there is both.
    """
    query = read_query(sent.query, _QUERY, ignores_unknown=True)
    token = _arguments(query, sent.content_type, sent.body).get(_TOKEN)
    if not has_no_proof(header):
        if token is not None:
            raise SeveralProofsError(_TOKEN, "a header")
        return header
    if not isinstance(token, str) or not token:
        raise InvalidRequestError(_MISSING, field=_TOKEN)
    return lambda name: f"Bearer {token}" if name == "authorization" else header(name)


def _arguments(query: Mapping[str, str], content_type: str, body: bytes) -> dict[str, Any]:
    """
    Give what was sent; what stands in the query counts before what stands in the body.

    Raises:
        InvalidRequestError: the body is not what its type says.
        BodyTooLargeError: it is far more than an account; all this is read before it is known who calls.
        UnsupportedMediaTypeError: it is of another type.
    """
    if not body:
        return dict(query)
    if content_type == _FORM:
        return {**read_form(body, _QUERY), **query}
    if len(body) > _BYTES_AT_MOST:
        raise BodyTooLargeError(_BYTES_AT_MOST)
    if content_type != JSON:
        raise UnsupportedMediaTypeError(f"the body's Content-Type must be {JSON} or {_FORM}")
    content = json_of(body)
    if not isinstance(content, dict):
        raise InvalidRequestError("an object is expected")
    return {**content, **query}


def _told(call: Call) -> dict[str, Any]:
    return _arguments(call.query, media_type(call.header("content-type") or ""), call.body)


def _rate(reference: str, services: Services, call: Call) -> Answer:
    asked = _asked(reference, services, call, _told(call))
    if asked is None:
        return Answer(_NOT_FOUND)
    model, record, answer = asked
    return Answer(_OK, answered=answered_records(services, model, [record], [answer]))


def _learn(reference: str, services: Services, call: Call) -> Answer:
    told = _told(call)
    verdict = _VERDICTS.get(str(told.get(_VERDICT)).lower())
    if verdict is None:
        problem = "`true` or `false` is expected" if _VERDICT in told else _MISSING
        raise InvalidRequestError(problem, field=_VERDICT)
    asked = _asked(reference, services, call, told)
    if asked is None:
        return Answer(_NOT_FOUND)
    name, caller = asked[0].name, call.caller_name
    examples = dataset_of_inputs([(asked[1], SPAM if verdict else GENUINE)], "the request")
    services.drafts.add(name, examples, "request", caller)
    try:
        joined_training(services, Wish(name, TrainingMode.INCREMENTAL), caller)
    except UntrainableOrderError as error:
        if error.field != "examples":  # those were all learned before
            raise
    return Answer(_OK)


def _asked(
    reference: str, services: Services, call: Call, told: Mapping[str, Any]
) -> tuple[LoadedModel, dict[str, Any], AnsweredRecord] | None:
    """
    Ask the model about an account; None where nothing is known of it.

    Raises:
        What `Predict.one_record` raises.
    """
    call.require_model(ModelReference.parse(reference).name)
    record = record_of({name: value for name, value in told.items() if name not in (_TOKEN, _VERDICT)})
    model, answer = services.predict.one_record(record, Question(reference, 1))
    return None if answer.prediction.best is None else (model, record, answer)


def _refused(error: ParleyError, request_id: str) -> EditorErrorReply:
    told = error_reply(error, request_id).error
    return EditorErrorReply({one.field: one.message for one in told.details} or told.message)
