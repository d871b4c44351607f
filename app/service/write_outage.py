"""What the log says about requests that are not written: once for each time of trouble, not for each request."""

import logging
import time
from collections.abc import Callable
from typing import Final

_log = logging.getLogger(__name__)

_QUIET_S: Final = 60.0


class WriteOutage:
    """Whether requests can be written now; told when that changes. Of one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._n_told = 0
        self._quiet_until = clock()

    @property
    def is_on(self) -> bool:
        """Whether the last attempt failed."""
        return self._since is not None

    def begin(self, error: Exception) -> None:
        """Take note of a failed attempt."""
        if self._since is None:
            self._since = self._clock()
            _log.warning("request log: %s; requests wait in the queue, and those beyond it are dropped", error)

    def end(self, n_dropped: int) -> None:
        """Take note of a successful attempt, and of how many requests found the queue full since the start."""
        n_new = n_dropped - self._n_told
        if self._since is not None:
            seconds = self._clock() - self._since
            _log.warning("request log: written again after %.0f s; %d requests were dropped", seconds, n_new)
            self._since, self._n_told = None, n_dropped
        elif n_new and self._clock() >= self._quiet_until:
            _log.warning("request log: %d requests dropped; they come faster than the database takes them", n_new)
            self._quiet_until, self._n_told = self._clock() + _QUIET_S, n_dropped
