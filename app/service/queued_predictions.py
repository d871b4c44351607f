"""Predictions that are asked for now and fetched later, as callers see them. A `QueueWorker` makes them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from ..domain.caller import Caller, Scope
from ..domain.queue_errors import PredictionNotFoundError
from ..domain.queued_prediction import Asked, Claimed, Claims, PredictionState, QueuedPrediction, Result


class PredictionStore(Protocol):
    """Where they wait; each method may raise StorageUnavailableError. See storage/sql_prediction_queue.py."""

    def prepare(self) -> bool: ...  # noqa: D102
    def put(self, asked: Asked, max_waiting: int) -> datetime: ...  # noqa: D102
    def get(self, prediction: UUID) -> QueuedPrediction | None: ...  # noqa: D102
    def forget(self, prediction: UUID) -> None: ...  # noqa: D102
    def claim(self, at_most: int, lease: timedelta) -> Claims: ...  # noqa: D102
    def settle(self, results: Sequence[Result], keep_for: timedelta) -> list[Result]: ...  # noqa: D102
    def give_back(self, claims: Sequence[Claimed]) -> None: ...  # noqa: D102
    def sweep(self) -> int: ...  # noqa: D102
    def listen(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class QueuedPredictions:
    """
    Puts into the queue and fetches from it; safe to share between threads. Every method asks the store.

    Every method raises StorageUnavailableError where it cannot be used.
    """

    def __init__(self, open_store: Callable[[], PredictionStore], *, max_waiting: int) -> None:
        """Open nothing yet; more than `max_waiting` are not kept waiting."""
        self._store, self._max_waiting = open_store, max_waiting
        self.n_put = 0
        """Since this process began, about."""

    def put(self, question: bytes, caller: Caller, request_id: str) -> QueuedPrediction:
        """
        Let a question wait for its answer.

        Args:
            question: the body of the request, as JSON.
            caller: who asks, and is told.
            request_id: of the request; the answer carries it.

        Raises:
            OverloadedError: too many wait already.
        """
        asked = Asked(uuid4(), caller.name, request_id, question)
        queued_at = self._store().put(asked, self._max_waiting)
        self.n_put += 1
        return QueuedPrediction(asked.id, caller.name, PredictionState.QUEUED, queued_at)

    def get(self, prediction_id: str, caller: Caller) -> QueuedPrediction:
        """
        Give a prediction as it stands, to who asked for it and to administrators.

        Raises:
            PredictionNotFoundError: there is none of that id, none any more, or it is another caller's.
            SealedElsewhereError: there is a result that another server has sealed under another key.
        """
        found = self._find(prediction_id, caller)
        if found.unreadable is not None:
            raise found.unreadable
        return found

    def forget(self, prediction_id: str, caller: Caller) -> QueuedPrediction:
        """
        Keep nothing of a prediction any more, and give it as it stood, without a result that cannot be given here.

        Raises:
            PredictionNotFoundError: as `get`.
        """
        found = self._find(prediction_id, caller)
        self._store().forget(found.id)
        return found

    def _find(self, prediction_id: str, caller: Caller) -> QueuedPrediction:
        try:
            found = self._store().get(UUID(prediction_id))
        except ValueError:
            found = None
        if found is None or not _may_see(caller, found):
            raise PredictionNotFoundError(prediction_id)
        return found


def _may_see(caller: Caller, prediction: QueuedPrediction) -> bool:
    return caller.name == prediction.caller or (Scope.ADMIN in caller.scopes and caller.models is None)
