"""
The request log: what was asked and answered, written by a thread of its own.

Requests wait in a bounded queue. While the database is away they go on waiting, and what does not fit is counted as
dropped; no request is ever held up or failed by its log.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..domain.logged_request import LogEntry, LoggedRequest
from ..domain.storage_errors import RefusedEntryError
from ..domain.time_ids import new_time_id
from .redaction import Redaction
from .request_queue import DropReason, RequestCounts, RequestQueue
from .retention import Forgetful, Retention
from .write_outage import WriteOutage

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 256
_BREATH_S: Final = 0.001  # that the interpreter is left to whoever answers; else they wait for a whole batch


class Store(Forgetful, Protocol):
    """Where entries are kept. Methods raise RefusedEntryError for what will never be stored, and else any error."""

    def prepare(self) -> object:
        """Make the database ready."""
        ...

    def insert(self, entries: Sequence[LogEntry]) -> None:
        """Store all entries, or none; storing the same ones again changes nothing."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """How much waits, when it is written, and what is kept. Requests are counted by their inputs."""

    keeps_text: bool = False
    max_queued: int = 10_000
    batch_size: int = 500
    interval_s: float = 1.0
    first_retry_s: float = 0.5
    last_retry_s: float = 30.0


class RequestLog:
    """`record` from any thread; `start` once, in the process that serves (not before it forks)."""

    def __init__(
        self, open_store: Callable[[], Store], policy: LogPolicy, redaction: Redaction, retention: Retention
    ) -> None:
        """`open_store` runs in the thread that writes, and again after it failed."""
        self._open_store, self._policy, self._redaction, self._retention = open_store, policy, redaction, retention
        self._queue = RequestQueue(policy.max_queued, policy.batch_size)
        self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
        self._store: Store | None = None
        self._is_prepared = False
        self._batch: deque[LogEntry] = deque()
        self._outage = WriteOutage()

    @property
    def keeps_text(self) -> bool:
        """Whether texts are worth giving to `record`."""
        return self._policy.keeps_text

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def record(self, request: LoggedRequest) -> None:
        """Let a request be written soon. Never waits for the database, and never raises."""
        try:
            if not self._policy.keeps_text and any(one.text is not None for one in request.inputs):
                request = request._replace(inputs=tuple(one._replace(text=None) for one in request.inputs))
            self._queue.put(request)
        except Exception:  # noqa: BLE001 - whatever is wrong with it is no reason to fail a request
            self._queue.drop(DropReason.INVALID)

    def counts(self) -> RequestCounts:
        """Say what became of the requests so far: each is written, dropped or queued."""
        return self._queue.counts()

    def flush(self, deadline_s: float) -> bool:
        """Wait until what is queued now is written or given up, and say whether it is; at most so many seconds."""
        return self._queue.wait_until_left(deadline_s)

    def close(self, deadline_s: float) -> None:
        """Write what is queued, for so many seconds at most; what is left then is dropped, and told."""
        self._queue.begin_to_close()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        given_up = self._queue.close()
        if given_up:
            _log.warning("request log: %d requests could not be written before the end", given_up)

    def _run(self) -> None:
        retry_s = self._policy.first_retry_s
        while not self._queue.is_closed:
            if not self._outage.is_on:
                self._queue.wait_for_work(self._policy.interval_s)
            is_last = self._queue.is_closing
            try:
                self._write_queue()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may succeed
                self._is_prepared = False
                self._outage.begin(error)
                self._queue.wait_to_try_again(retry_s, soon_s=self._policy.first_retry_s)
                retry_s = min(2 * retry_s, self._policy.last_retry_s)
                continue
            retry_s = self._policy.first_retry_s
            self._outage.end(self._queue.counts().dropped[DropReason.QUEUE_FULL])
            if is_last:
                break
            self._retention.apply(self._ready_store())
        if self._store is not None:
            self._store.close()

    def _ready_store(self) -> Store:
        if self._store is None:
            self._store = self._open_store()
        if not self._is_prepared:
            self._store.prepare()
            self._is_prepared = True
        return self._store

    def _write_queue(self) -> None:
        """Write all that waits. Raises what the store raises, and keeps the batch for another attempt."""
        store = self._ready_store()
        while self._batch or self._take_batch():
            try:
                store.insert(self._batch)
            except RefusedEntryError as error:
                self._write_one_by_one(store, error)
            else:
                self._queue.settle(len(self._batch))
                self._batch.clear()

    def _take_batch(self) -> bool:
        """Make entries of the oldest requests, and say whether there was any."""
        requests = self._queue.oldest(self._policy.batch_size)
        for number, request in enumerate(requests, 1):
            if number % _AT_ONCE == 0 and not self._queue.is_closing:
                time.sleep(_BREATH_S)
            try:
                self._batch.append(LogEntry(new_time_id(request.time), self._redacted(request)))
            except Exception as error:  # noqa: BLE001 - one that is wrong must not keep the others waiting for ever
                _log.error("request log: a request dropped: %s", type(error).__name__)
        self._queue.settle(0, n_invalid=len(requests) - len(self._batch))
        return bool(requests)

    def _write_one_by_one(self, store: Store, error: RefusedEntryError) -> None:
        """Write what the database takes of a batch that it refused."""
        n_refused = 0
        while self._batch:
            try:
                store.insert([self._batch[0]])
                self._queue.settle(1)
            except RefusedEntryError:
                self._queue.settle(0, n_refused=1)
                n_refused += 1
            self._batch.popleft()
        _log.warning("request log: %d requests dropped: %s", n_refused, error)

    def _redacted(self, request: LoggedRequest) -> LoggedRequest:
        if not self._policy.keeps_text:
            return request
        inputs = (one if one.text is None else one._replace(text=self._redaction(one.text)) for one in request.inputs)
        return request._replace(inputs=tuple(inputs))
