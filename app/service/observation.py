"""
Everything that is told of requests, once they are answered: metrics, access lines, the request log.

The one that answers puts a request down and goes on; all else happens in threads, in batches.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..domain.logged_request import LoggedRequest
from .live_figures import LiveFigures
from .request_log import RequestLog
from .request_queue import RequestCounts
from .traffic import Traffic

_access_log = logging.getLogger("parley.access")


class Exposition(Protocol):
    """What counts requests and tells of them."""

    def count(self, requests: Sequence[LoggedRequest]) -> None: ...  # noqa: D102
    def count_log(self, counts: RequestCounts) -> None: ...  # noqa: D102
    def tell(self, gauges: Mapping[str, float]) -> None: ...  # noqa: D102
    def exposition(self) -> bytes: ...  # noqa: D102 - in the text format of Prometheus
    def figures(self, model: str) -> Mapping[int, LiveFigures]: ...  # noqa: D102 - of its versions


class Observation:
    """`record` from any thread; `start` once, in the process that serves."""

    def __init__(self, make_metrics: Callable[[], Exposition], request_log: RequestLog | None) -> None:
        """Begin with nothing; `make_metrics` may take its time, and is called by a thread."""
        self._make_metrics, self._request_log = make_metrics, request_log
        self._metrics: Exposition | None = None
        self._gauges: dict[str, Callable[[], float]] = {}
        self._making, self._telling = threading.Lock(), threading.Lock()
        self._traffic = Traffic([self._count, write_access_lines, self._log], self._tell)

    @property
    def keeps_text(self) -> bool:
        """Whether texts are worth putting down."""
        return self._request_log is not None and self._request_log.keeps_text

    def watch(self, name: str, read: Callable[[], float]) -> None:
        """Tell with the metrics what `read` gives; it is called by a thread."""
        self._gauges[name] = read

    def start(self) -> None:
        """Begin to count and to write."""
        self._traffic.start()
        if self._request_log is not None:
            self._request_log.start()

    def record(self, request: LoggedRequest) -> None:
        """Put down a request that was answered. Never waits, never raises."""
        self._traffic.record(request)

    def exposition(self) -> bytes:
        """Give the metrics, with all that was recorded before."""
        self._traffic.hand_on()
        self._tell()
        return self._ready_metrics().exposition()

    def figures(self, model: str) -> Mapping[int, LiveFigures]:
        """
        Give what the versions of a model have answered since counting began, as far as it was handed on.

        Raises:
            OSError: it cannot be read.
        """
        return self._ready_metrics().figures(model)

    def close(self, deadline_s: float) -> None:
        """Tell what is left: of the request log for so many seconds at most."""
        self._traffic.close()
        if self._request_log is not None:
            self._request_log.close(deadline_s)

    def _count(self, requests: Sequence[LoggedRequest]) -> None:
        self._ready_metrics().count(requests)

    def _log(self, requests: Sequence[LoggedRequest]) -> None:
        if self._request_log is not None:
            for request in requests:
                self._request_log.record(request)

    def _tell(self) -> None:
        """Tell what is true now."""
        metrics = self._ready_metrics()
        with self._telling:  # what was read first is told first, else what has grown in between is told twice
            metrics.tell({name: read() for name, read in self._gauges.items()})
            if self._request_log is not None:
                metrics.count_log(self._request_log.counts())

    def _ready_metrics(self) -> Exposition:
        with self._making:
            if self._metrics is None:
                self._metrics = self._make_metrics()
            return self._metrics


def write_access_lines(requests: Sequence[LoggedRequest]) -> None:
    """Write a line for each request; the route, not the path, for what a person typed can stand in a path."""
    if not _access_log.isEnabledFor(logging.INFO):
        return
    for one in requests:
        _access_log.info(
            "%s %s %d %.1f ms",
            *(one.method, one.endpoint, one.status, one.seconds * 1000),
            extra={"request_id": one.request_id},
        )
