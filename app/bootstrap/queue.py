"""
The queue of predictions: in Redis where there is one, else in the database.

SQLAlchemy and the client of Redis are imported by the thread that works for the queue, not by the start of a server.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from ..domain.operator_keys import key_bytes
from ..service.observation import Observation
from ..service.opened_once import OpenedOnce
from ..service.queue_worker import QueueTerms, QueueWorker
from ..service.queued_predictions import PredictionStore, QueuedPredictions
from ..service.sealed_predictions import SealedPredictions
from ..settings import Settings
from ..storage.queue_key_file import QueueKeyFile
from ..storage.seal import Seal


class PredictionQueue(NamedTuple):
    """Both ends of the queue."""

    predictions: QueuedPredictions
    worker: QueueWorker
    """To be started in the process that serves, when its models are loaded."""


def wire_queue(settings: Settings, observation: Observation) -> PredictionQueue:
    """Put it together; nothing is connected before it is used."""
    store: Callable[[], PredictionStore] = OpenedOnce(lambda: open_prediction_store(settings))
    predictions = QueuedPredictions(store, max_waiting=settings.max_queued_predictions)
    lease, keep = timedelta(seconds=settings.prediction_lost_after_s), timedelta(seconds=settings.keep_results_s)
    worker = QueueWorker(store, QueueTerms(lease, keep, settings.answer_within_s))
    observation.watch("queue_predictions", lambda: predictions.n_put)
    observation.watch("queue_answered", lambda: worker.n_answered)
    observation.watch("queue_failed", lambda: worker.n_failed)
    observation.watch("queue_waiting", lambda: worker.n_waiting)
    return PredictionQueue(predictions, worker)


def open_prediction_store(settings: Settings) -> PredictionStore:
    """
    Open where predictions wait, sealed; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
        StorageUnavailableError: there is no key to seal with.
    """
    given = settings.queue_key
    key = QueueKeyFile(settings.var_dir / "queue-key").read_or_make() if given is None else key_bytes(given)
    return SealedPredictions(_open_unsealed(settings), Seal(key))


def _open_unsealed(settings: Settings) -> PredictionStore:
    if settings.redis_url is not None:
        from ..storage.redis_prediction_queue import RedisPredictionQueue  # noqa: PLC0415 - heavy, see above

        return RedisPredictionQueue(settings.redis_url)
    from ..storage.engine import open_engine  # noqa: PLC0415 - see above
    from ..storage.sql_prediction_queue import SqlPredictionQueue  # noqa: PLC0415

    return SqlPredictionQueue(open_engine(settings.database))
