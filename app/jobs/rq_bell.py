"""
Messages through RQ: a runner on any machine learns at once that a job was queued.

A message says no more than that there is something to do. What it is stands in the table, so that messages may be lost,
come twice, or come for a job that somebody else has taken, and nothing that stands in Redis is ever run.
"""

import logging
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer

from .bell import TABLE_EVERY_S
from .stop_request import StopRequest

_log = logging.getLogger(__name__)

QUEUE: Final = "parley-jobs"
"""The name of RQ's queue."""

_TABLE_EVERY_S: Final = 5.0
_LISTENS_S: Final = 1
_PATIENCE_S: Final = 2.0
_PAUSES_S: Final = 5.0
_KEPT_S: Final = 86_400
_SEEN_FOR_S: Final = 480
_SEEN_EVERY_S: Final = 60.0
_NAMED: Final = "parley.look_at_the_job_table"  # of no function: no worker of RQ itself can run it


class _Shown(SimpleWorker):
    """A runner as `rq info` shows it; it takes no work from RQ."""

    @property
    def connection_timeout(self) -> int:
        """Leave the connection as patient as it is."""
        return _LISTENS_S


class RqBell:
    """
    Rings, or waits for it. Whatever is wrong with Redis, neither fails nor takes long.

    Who waits is seen among RQ's workers, under its name.
    """

    def __init__(self, url: str, name: str | None = None) -> None:
        """Take the address, and the name of who waits; nothing is connected before it is used."""
        connection = Redis.from_url(
            url,
            socket_timeout=_LISTENS_S + _PATIENCE_S,
            socket_connect_timeout=_PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        self._name = name
        self._worker: SimpleWorker | None = None
        self._seen_at = self._quiet_until = 0.0

    def ring(self, job: UUID) -> None:
        """Tell one of those who wait."""
        self._tried(lambda: self._queue.enqueue_call(_NAMED, (str(job),), job_id=str(job), ttl=_KEPT_S))

    def wait(self, stop: StopRequest) -> None:
        """Wait for a message, and for a while where there is none; for a short while where Redis is away."""
        until = time.monotonic() + _TABLE_EVERY_S
        while not stop.is_made and time.monotonic() < until:
            has_rung = self._tried(self._listen)
            if has_rung is None:
                stop.wait(TABLE_EVERY_S)
            if has_rung is not False:
                return

    def close(self) -> None:
        """Be no longer among RQ's workers."""
        if self._worker is not None:
            self._tried(self._worker.register_death)
        self._queue.connection.close()

    def _listen(self) -> bool:
        """Wait for a moment, and say whether there was a message."""
        if time.monotonic() >= self._seen_at:
            self._show()
        try:
            _, message = self._queue.lpop([self._queue.key], _LISTENS_S, connection=self._queue.connection)
        except DequeueTimeout:
            return False
        self._queue.connection.delete(Job.key_for(message.decode(errors="replace")))
        return True

    def _show(self) -> None:
        """Be seen, also by a Redis that has forgotten everything."""
        connection = self._queue.connection
        if self._worker is None:
            self._worker = _Shown(
                [self._queue], name=self._name, connection=connection, serializer=JSONSerializer, worker_ttl=_SEEN_FOR_S
            )
        if connection.exists(self._worker.key):
            self._worker.heartbeat()
        else:
            self._worker.register_birth()  # type: ignore[no-untyped-call]
        self._seen_at = time.monotonic() + _SEEN_EVERY_S

    def _tried(self, do: Callable[[], object]) -> object | None:
        """Give what Redis answers; None where it is away, and for a while after that without asking."""
        if time.monotonic() < self._quiet_until:
            return None
        try:
            return do()
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + _PAUSES_S
            self._seen_at = 0.0
            _log.warning("no bell for jobs, the table is looked at instead: Redis: %s", type(error).__name__)
            return None
