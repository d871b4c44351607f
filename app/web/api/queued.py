"""`POST /predict?mode=queue` and `/predictions`: predictions that are asked for now and fetched later."""

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Caller, Scope
from ...domain.errors import AuthenticationError, InvalidRequestError
from ...domain.patience import MustWaitError
from ...domain.queue_errors import PredictionNotFoundError, SealedElsewhereError
from ...domain.queued_prediction import ANSWERED, PredictionState, QueuedPrediction
from ...domain.storage_errors import StorageUnavailableError
from ..operation import Answer, Call, Held, Operation, Services
from ..query_values import number_in

MODE: Final = "mode"
_DIRECT, _QUEUE = "direct", "queue"
_ID: Final = {"id": "The prediction's id."}
_WAITS_AT_MOST: Final = 60
_RESULTS: Final = ("PredictReply", "BatchReply", "RecordReply", "RecordBatchReply", "ErrorReply")


class QueuedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction that was put into the queue, and what became of it."""

    id: str
    state: Annotated[PredictionState, Meta(description="`failed`: the result is an error.")]
    queued_at: datetime
    answered_at: datetime | None
    expires_at: Annotated[datetime | None, Meta(description="When it is deleted; null while it has no result.")]
    result: (
        Annotated[
            msgspec.Raw,
            Meta(
                description="What `POST /predict` would have answered, be it an error; absent while there is none.",
                extra_json_schema={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _RESULTS]},
            ),
        ]
        | UnsetType
    ) = UNSET


class QueuedReply(msgspec.Struct, frozen=True):
    """One prediction of the queue."""

    prediction: QueuedItem


def is_for_the_queue(query: Mapping[str, str]) -> bool:
    """
    Say whether a prediction is to wait.

    Raises:
        InvalidRequestError: `mode` is neither of the two.
    """
    mode = query.get(MODE, _DIRECT)
    if mode not in {_DIRECT, _QUEUE}:
        raise InvalidRequestError(f"{MODE}: expected {_DIRECT} or {_QUEUE}", field=MODE)
    return mode == _QUEUE


def put_into_queue(services: Services, call: Call) -> Answer:
    """Let a request that was decoded wait for its answer."""
    if not call.may_wait:
        raise MustWaitError
    queued = services.queue.put(msgspec.json.encode(call.body), _caller(call), call.request_id)
    return _answer(queued, status=202, headers=(("Location", f"/predictions/{queued.id}"),))


def get_prediction(services: Services, call: Call) -> Answer:
    """Give a prediction as it stands, or once it is answered."""
    wait_s = number_in(call.query, "wait", 0, _WAITS_AT_MOST, least=0)
    prediction = services.queue.get(call.parameters["id"], _caller(call))
    if prediction.state in ANSWERED or not wait_s:
        return _answer(prediction)
    return Answer(Held(partial(_when_answered, services, call, time.monotonic() + wait_s)))


def forget_prediction(services: Services, call: Call) -> Answer:
    """Keep nothing of a prediction."""
    return _answer(services.queue.forget(call.parameters["id"], _caller(call)))


def _when_answered(services: Services, call: Call, until: float, is_last: bool) -> Answer | None:  # noqa: FBT001 - as `Held` asks
    prediction = services.queue.get(call.parameters["id"], _caller(call))
    is_over = is_last or prediction.state in ANSWERED or time.monotonic() >= until
    return _answer(prediction) if is_over else None


def _caller(call: Call) -> Caller:
    if call.caller is None:
        raise AuthenticationError
    return call.caller


def _answer(prediction: QueuedPrediction, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    item = QueuedItem(
        id=str(prediction.id),
        state=prediction.state,
        queued_at=prediction.queued_at,
        answered_at=prediction.answered_at,
        expires_at=prediction.expires_at,
        result=UNSET if prediction.result is None else msgspec.Raw(prediction.result),
    )
    return Answer(QueuedReply(item), status=status, headers=headers)


OPERATIONS = (
    Operation(
        name="get_prediction",
        method="GET",
        path="/predictions/{id}",
        scope=Scope.PREDICT,
        tag="predict",
        summary="A prediction of the queue",
        description="How it stands, and its result when it has one. Only who asked for it is told, and administrators; "
        "to all others, and when it has expired, there is none.",
        parameters=_ID,
        query={"wait": f"Seconds, up to {_WAITS_AT_MOST}: answers as soon as there is a result, or then."},
        replies={200: (QueuedReply,)},
        handle=get_prediction,
        errors=(PredictionNotFoundError, SealedElsewhereError, StorageUnavailableError),
    ),
    Operation(
        name="forget_prediction",
        method="DELETE",
        path="/predictions/{id}",
        scope=Scope.PREDICT,
        tag="predict",
        summary="Forget a prediction of the queue",
        description="Deletes what was asked and its result at once, and gives it as it stood.",
        parameters=_ID,
        replies={200: (QueuedReply,)},
        handle=forget_prediction,
        errors=(PredictionNotFoundError, StorageUnavailableError),
    ),
)
