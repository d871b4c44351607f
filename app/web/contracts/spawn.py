"""
The bot backend (S): everything is a GET, a confidence is a text, and an unsure answer is two empty texts.

What its client forgets is answered 200 as before, with `"status": "error"`. Who may not ask, a model that is not there
and what is our own fault have the statuses of HTTP.
"""

from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.errors import AuthenticationError, NotFoundError, ParleyError
from ...domain.job import ENDED, JobState
from ...domain.prediction import Prediction
from ...service.model_state import LoadedModel
from ...service.predict import Question
from ...service.train import Wish
from ..errors import error_reply
from ..operation import Answer, Call, Held, Operation, Refusals, Services
from .contract import Contract, Terms, answered
from .joined_training import joined_training

TAG: Final = "spawn"
_ERROR: Final = "error"
_NOT_AUTHORIZED: Final = "You are not authorized user to access this url"
_NO_QUERY: Final = "query cannot be empty"
_NO_NAME: Final = "Model name parameter is not defined / empty."
_NOT_TRAINED: Final = "Model could not be trained"
_FAILED: Final = "Error processing request."
_QUERY: Final = {"query": "The text.", "model_name": "The model; absent: the contract's."}


class Guess(msgspec.Struct, frozen=True):
    """An intent, or two empty texts."""

    confidence: Annotated[str, Meta(description="With three decimals; empty where the model is not sure enough.")]
    value: str


class Guesses(msgspec.Struct, frozen=True):
    """Where the intent stands."""

    intent: list[Guess]


class ClassifyReply(msgspec.Struct, frozen=True):
    """The answer to a text."""

    text: str
    entities: Guesses


class TagValue(msgspec.Struct, frozen=True):
    """An entity."""

    tag: str
    value: str


class EntityReply(msgspec.Struct, frozen=True):
    """The intent of a text, and what is named in it."""

    text: str
    intent: list[Guess]
    entities: list[TagValue]


class SpawnMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a request."""

    message: str
    error: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    model_name: str | UnsetType = UNSET


class NoTranslationError(NotFoundError):
    """A translation where nothing translates."""

    def __init__(self) -> None:
        super().__init__("nothing translates here; the setting `contracts` names what does, under spawn.translate")


def contract(terms: Terms) -> Contract:
    """Build its routes."""
    asks = partial(
        Operation,
        method="GET",
        tag=TAG,
        ignores_unknown=True,
        errors=(ParleyError,),
        refusals=Refusals(SpawnMessage, _refused),
    )
    return Contract(
        operations=(
            asks(
                name="spawn_classify",
                path="/api/classify",
                scope=Scope.PREDICT,
                summary="Which intent is it?",
                description="Below the threshold, confidence and value are empty. Without `query` the message says so, "
                "with 200.",
                query=_QUERY,
                replies={200: (ClassifyReply, SpawnMessage)},
                handle=partial(_classify, terms.model),
                brief=True,
                open_as=terms.open_as,
            ),
            asks(
                name="spawn_entity",
                path="/entity",
                scope=Scope.PREDICT,
                summary="Which intent is it, and what is named?",
                description="Of what the model declares; nothing outside is asked.",
                query={"q": "The text.", "model_name": _QUERY["model_name"]},
                replies={200: (EntityReply, SpawnMessage)},
                handle=partial(_entity, terms.model),
                brief=True,
                open_as=terms.open_as,
            ),
            asks(
                name="spawn_translate",
                path="/translate",
                scope=Scope.PREDICT,
                summary="Which intent is it, in another language?",
                description="By the step that the operator names (`translate`); without one 404. Parley itself asks "
                "nobody outside.",
                query=_QUERY,
                replies={200: (ClassifyReply, SpawnMessage)},
                handle=partial(_translate, terms),
                open_as=terms.open_as,
            ),
            asks(
                name="spawn_train",
                path="/api/train",
                scope=Scope.TRAIN,
                summary="Train a model on what its draft holds",
                description="Answers when the version is published and serves, or when it is known that none will. A "
                "training of the model that is queued or runs is joined.",
                query={"model_name": "The model."},
                replies={200: (SpawnMessage,), 503: (SpawnMessage,)},
                handle=_train,
            ),
        )
    )


def _classify(default: str, services: Services, call: Call) -> Answer:
    text = call.query.get("query", "")
    if not text.strip():
        return Answer(SpawnMessage(_NO_QUERY, status=_ERROR))
    return _answer(default, services, call, text)


def _entity(default: str, services: Services, call: Call) -> Answer:
    text = call.query.get("q", "")
    if not text.strip():
        return Answer(SpawnMessage(_NO_QUERY, status=_ERROR))
    model, prediction = _predicted(default, services, call, text)
    found = services.predict.entities(model, text)
    named = [TagValue(one.entity, str(one.value)) for one in found.entities] if found else []
    reply = EntityReply(text, [_guess(prediction)], named)
    return Answer(reply, answered=answered(services, model, (text, prediction)))


def _translate(terms: Terms, services: Services, call: Call) -> Answer:
    if terms.translate is None:
        raise NoTranslationError
    text = call.query.get("query", "")
    if not text.strip():
        return Answer(SpawnMessage(_NO_QUERY, status=_ERROR))
    return _answer(terms.model, services, call, terms.translate(text))


def _answer(default: str, services: Services, call: Call, text: str) -> Answer:
    model, prediction = _predicted(default, services, call, text)
    reply = ClassifyReply(text, Guesses([_guess(prediction)]))
    return Answer(reply, answered=answered(services, model, (text, prediction)))


def _predicted(default: str, services: Services, call: Call, text: str) -> tuple[LoadedModel, Prediction]:
    reference = call.query.get("model_name") or default
    call.require_model(reference.partition("@")[0])
    return services.predict.one(text, Question(reference, 1), may_wait=call.may_wait)


def _guess(prediction: Prediction) -> Guess:
    return Guess("", "") if prediction.intent is None else Guess(f"{prediction.confidence:.3f}", prediction.intent)


def _train(services: Services, call: Call) -> Answer:
    name = call.query.get("model_name", "")
    if not name.strip():
        return Answer(SpawnMessage(_NO_NAME, _NOT_TRAINED, _ERROR))
    call.require_model(name)
    job = joined_training(services, Wish(name), call.caller_name)
    return Answer(Held(partial(_when_published, services, str(job.id))))


def _when_published(services: Services, job_id: str, is_last: bool) -> Answer | None:  # noqa: FBT001 - see Held
    job = services.jobs.get(job_id)
    name = job.order.model
    if job.state not in ENDED:
        problem = f"the server is about to stop; look at /jobs/{job.id}"
        return Answer(SpawnMessage(_FAILED, problem, _ERROR, name), status=503) if is_last else None
    if job.state is JobState.SUCCEEDED:
        return Answer(SpawnMessage("success", model_name=name))
    return Answer(SpawnMessage(_FAILED, job.problem or f"the training was {job.state}", _ERROR, name))


def _refused(error: ParleyError, request_id: str) -> SpawnMessage:
    if isinstance(error, AuthenticationError):
        return SpawnMessage(_NOT_AUTHORIZED)
    return SpawnMessage(_FAILED, error_reply(error, request_id).error.message, _ERROR)
