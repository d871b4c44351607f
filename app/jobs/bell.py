"""
How runners learn at once that a job was queued: they look at the table, or wait for a message of RQ.

A message says no more than that there is something to do. What it is stands in the table, so that messages may be lost,
come twice, or come for a job that somebody else has taken, and nothing that stands in Redis is ever run.
"""

import logging
import time
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from .stop_request import StopRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from rq import Queue, SimpleWorker

_log = logging.getLogger(__name__)

QUEUE: Final = "parley-jobs"
"""The name of RQ's queue."""

_TABLE_EVERY_S: Final = 0.5
_TABLE_EVERY_S_WITH_RQ: Final = 5.0
_LISTENS_S: Final = 1
_PATIENCE_S: Final = 2.0
_PAUSES_S: Final = 5.0
_KEPT_S: Final = 86_400
_SEEN_FOR_S: Final = 480
_SEEN_EVERY_S: Final = 60.0
_NAMED: Final = "parley.look_at_the_job_table"  # of no function: no worker of RQ itself can run it


class Bell(Protocol):
    """What a runner waits for between two looks at the table."""

    def wait(self, stop: StopRequest) -> None:
        """Return when it is time to look again, or to stop."""

    def close(self) -> None:
        """Give back what is held."""


class NoBell:
    """Nobody rings: the table is looked at again and again."""

    def wait(self, stop: StopRequest) -> None:
        """Wait for a while."""
        stop.wait(_TABLE_EVERY_S)

    def close(self) -> None:
        """Hold nothing."""


class RqBell:
    """
    Messages through RQ. Whatever is wrong with Redis, it neither fails nor takes long.

    Who waits shows itself among RQ's workers, under its name.
    """

    def __init__(self, url: str, name: str | None = None) -> None:
        """Take the address, and the name of who waits; nothing is connected before it is used."""
        self._url, self._name = url, name
        self._queue: Queue | None = None
        self._worker: SimpleWorker | None = None
        self._seen_at = 0.0
        self._quiet_until = 0.0

    def ring(self, job: UUID) -> None:
        """Tell one of those who wait."""
        self._tried(lambda queue: queue.enqueue_call(_NAMED, (str(job),), job_id=str(job), ttl=_KEPT_S))

    def wait(self, stop: StopRequest) -> None:
        """Wait for a message, and for a while where there is none; for a short while where Redis is away."""
        until = time.monotonic() + _TABLE_EVERY_S_WITH_RQ
        while not stop.is_made and time.monotonic() < until:
            answer = self._tried(self._listen)
            if answer is None:
                stop.wait(_TABLE_EVERY_S)
            if answer is not False:
                return

    def close(self) -> None:
        """Be no longer among RQ's workers."""
        worker = self._worker
        if worker is not None:
            self._tried(lambda _: worker.register_death())  # type: ignore[no-untyped-call]
        if self._queue is not None:
            self._queue.connection.close()

    def _listen(self, queue: "Queue") -> bool:
        """Wait for a moment, and say whether there was a message."""
        from rq.exceptions import DequeueTimeout  # noqa: PLC0415 - see _opened
        from rq.job import Job  # noqa: PLC0415

        self._show(queue)
        try:
            _, message = queue.lpop([queue.key], _LISTENS_S, connection=queue.connection)
        except DequeueTimeout:
            return False
        queue.connection.delete(Job.key_for(message.decode()))
        return True

    def _show(self, queue: "Queue") -> None:
        """Be seen among RQ's workers, also by a Redis that has forgotten everything."""
        from rq import SimpleWorker  # noqa: PLC0415

        if time.monotonic() < self._seen_at + _SEEN_EVERY_S:
            return
        if self._worker is None:
            self._worker = SimpleWorker(
                [queue], name=self._name, connection=queue.connection, serializer=queue.serializer,
                worker_ttl=_SEEN_FOR_S,
            )  # fmt: skip
        if queue.connection.exists(self._worker.key):
            self._worker.heartbeat()
        else:
            self._worker.register_birth()  # type: ignore[no-untyped-call]
        self._seen_at = time.monotonic()

    def _tried(self, do: "Callable[[Queue], object]") -> object | None:
        """Give what Redis answers; None where it is away, and for a while after that without asking."""
        if time.monotonic() < self._quiet_until:
            return None
        from redis import RedisError  # noqa: PLC0415

        try:
            answer = do(self._opened())
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + _PAUSES_S
            self._seen_at = 0.0
            _log.warning("no bell for jobs, the table is looked at instead: Redis: %s", type(error).__name__)
            return None
        return answer

    def _opened(self) -> "Queue":
        """Open the queue; RQ is imported by whoever rings or waits first: a server without trainings carries none."""
        if self._queue is None:
            from redis import Redis  # noqa: PLC0415
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415
            from rq import Queue  # noqa: PLC0415
            from rq.serializers import JSONSerializer  # noqa: PLC0415

            connection = Redis.from_url(
                self._url,
                socket_timeout=_LISTENS_S + _PATIENCE_S,
                socket_connect_timeout=_PATIENCE_S,
                retry=Retry(NoBackoff(), 0),
            )
            self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        return self._queue
