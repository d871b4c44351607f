"""
Accounts, spam or genuine (B): a map of accounts in, a label of each out; with verdicts, they are learned.

A reply calls an account by its `id`, or by its key in the map where it has none of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.errors import InvalidRequestError, ParleyError
from ...domain.example import Input
from ...domain.job import ENDED, JobState, TrainingMode
from ...domain.logged_request import AnsweredInputs
from ...domain.model_reference import ModelReference
from ...service.predict import AnsweredRecord, Question
from ...service.train import Wish, dataset_of_inputs
from ..api.predict_shapes import PredictRequest
from ..api.train import TrainRequest
from ..decoding import MalformedBodyError, decode
from ..errors import error_reply
from ..operation import Alternative, Answer, Call, Held, Operation, Refusals, Sent, Services
from . import single_accounts
from .account_fields import GENUINE, NO_FIELDS, SPAM, record_of
from .contract import JSON, Contract, Terms, answered_records, json_of

TAG: Final = "accounts"
_ID, _VERDICT = NO_FIELDS
_LABELS: Final = {True: "Spam Editor Account", False: "Non Spam Editor Account"}
_TRAINED: Final = "Successfully retrianed the model"  # spelt so by the old system, and compared by its clients
_NOTHING_KNOWN: Final = "nothing of it is known to the model"

_Errors = Annotated[dict[str, str], Meta(description="What is wrong with single ones; the others were answered.")]


class LabelsReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A label of each account."""

    success: bool
    predictions: dict[str, str] | UnsetType = UNSET
    errors: _Errors | UnsetType = UNSET


class LearnedReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a training."""

    success: bool
    response: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    errors: _Errors | UnsetType = UNSET


def contract(terms: Terms) -> Contract:
    """Build its routes."""
    predicts = Operation(
        name="accounts_predict",
        method="POST",
        path="/predict",
        scope=Scope.PREDICT,
        tag=TAG,
        summary="Which accounts are spam?",
        description="A JSON object whose values are all accounts, under any keys: 200 with a label of each. What "
        'cannot be answered stands in `errors`, account by account. `{}` and what is not JSON: `{"success": false}`.',
        raw={JSON: "A map of id to account."},
        replies={200: (LabelsReply,)},
        handle=partial(_predict, terms.model),
        errors=(InvalidRequestError, ParleyError),
        refusals=Refusals(LearnedReply, _refused),
        open_as=terms.open_as,
    )
    trains = Operation(
        name="accounts_train",
        method="POST",
        path="/train",
        scope=Scope.TRAIN,
        tag=TAG,
        summary="Learn verdicts on accounts",
        description="The same map with `verdict` in each account: 1 is spam, 0 genuine. Answers when the new version "
        "serves. It is an incremental training: what was learned before is rehearsed.",
        raw={JSON: "A map of id to account and verdict."},
        replies={200: (LearnedReply,), 503: (LearnedReply,)},
        handle=partial(_train, ModelReference.parse(terms.model).name),
        errors=(InvalidRequestError, ParleyError),
        refusals=Refusals(LearnedReply, _refused),
    )
    return Contract(
        operations=single_accounts.operations(terms),
        others=(
            Alternative(predicts, partial(is_meant, ours=PredictRequest)),
            Alternative(trains, partial(is_meant, ours=TrainRequest)),
        ),
    )


def is_meant(sent: Sent, ours: type[msgspec.Struct]) -> bool:
    """Say whether a request is a map of accounts, an empty one or no JSON, and none that our own routes know."""
    if sent.content_type != JSON:
        return False
    try:
        content = json_of(sent.body)
    except MalformedBodyError:
        return True
    if content == {}:
        return True
    if not isinstance(content, dict) or not all(isinstance(value, dict) for value in content.values()):
        return False
    try:
        decode(sent.body, ours)
    except InvalidRequestError:
        return True
    return False


def named(accounts: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give accounts by what a reply calls them: their own id where no other has it, or else their key."""
    own = {key: str(account[_ID]) for key, account in accounts.items() if account.get(_ID) not in (None, "")}
    times: dict[str, int] = {}
    for name in [*own.values(), *(key for key in accounts if key not in own)]:
        times[name] = times.get(name, 0) + 1
    is_clear = all(n == 1 for n in times.values())
    for key, account in accounts.items():
        yield (own.get(key, key) if is_clear else key), account


def _accounts_in(call: Call) -> dict[str, dict[str, Any]] | None:
    try:
        content: dict[str, dict[str, Any]] = json_of(call.body)
    except MalformedBodyError:
        return None
    return content or None


def _predict(reference: str, services: Services, call: Call) -> Answer:
    call.require_model(ModelReference.parse(reference).name)
    accounts = _accounts_in(call)
    if accounts is None:
        return Answer(LabelsReply(success=False))
    labels: dict[str, str] = {}
    errors: dict[str, str] = {}
    told: AnsweredInputs | None = None
    every, at_once = list(named(accounts)), services.predict.limits.max_texts
    for start in range(0, len(every), at_once):
        some = every[start : start + at_once]
        records = [record_of(account) for _, account in some]
        model, answers = services.predict.many_records(records, Question(reference, 1))
        for (name, _), answer in zip(some, answers, strict=True):
            if not isinstance(answer, AnsweredRecord):
                errors[name] = str(answer)
            elif answer.prediction.best is None:
                errors[name] = _NOTHING_KNOWN
            else:
                labels[name] = _LABELS[answer.prediction.best == SPAM]
        told = answered_records(services, model, records, answers, told)
    return Answer(LabelsReply(success=True, predictions=labels, errors=errors or UNSET), answered=told)


def _train(model: str, services: Services, call: Call) -> Answer:
    call.require_model(model)
    accounts = _accounts_in(call)
    if accounts is None:
        return Answer(LearnedReply(success=False))
    learned: list[tuple[Input, str | None]] = []
    errors: dict[str, str] = {}
    for name, account in named(accounts):
        verdict = account.get(_VERDICT)
        if verdict in (0, 1):
            learned.append((record_of(account), SPAM if verdict else GENUINE))
        else:
            errors[name] = "`verdict` has to be 1 (spam) or 0 (genuine)"
    if not learned:
        return Answer(LearnedReply(success=False, errors=errors))
    return _learned(services, call, model, learned, errors)


def _learned(
    services: Services, call: Call, model: str, accounts: Sequence[tuple[Input, str | None]], errors: dict[str, str]
) -> Answer:
    wish = Wish(model, TrainingMode.INCREMENTAL)
    job = services.train.submit(wish, dataset_of_inputs(accounts, "the request"), "request", call.caller_name)
    return Answer(Held(partial(_when_ended, services, str(job.id), errors)))


def _when_ended(services: Services, job_id: str, errors: dict[str, str], is_last: bool) -> Answer | None:  # noqa: FBT001 - as Held
    job = services.jobs.get(job_id)
    if job.state not in ENDED:
        problem = f"the server is about to stop; look at /jobs/{job.id}"
        return Answer(LearnedReply(success=False, error=problem), status=503) if is_last else None
    if job.state is JobState.SUCCEEDED:
        return Answer(LearnedReply(success=True, response=_TRAINED, errors=errors or UNSET))
    return Answer(LearnedReply(success=False, error=job.problem or f"the training was {job.state}"))


def _refused(error: ParleyError, request_id: str) -> LearnedReply:
    return LearnedReply(success=False, error=error_reply(error, request_id).error.message)
