"""
What was just answered, handed on in batches.

To count a request in a dozen metrics and to write its line costs as much as to answer it. So the one that answers only
puts it down here, and a thread hands all that lies here to those who want it, several times a second.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ..domain.logged_request import LoggedRequest

_log = logging.getLogger(__name__)

_INTERVAL_S: Final = 0.2
_AT_ONCE: Final = 64
_BREATH_S: Final = 0.001  # that the interpreter is left to whoever answers; else they wait for a whole batch
_AT_MOST: Final = 20_000  # who puts one more down hands them on himself: none is lost, and memory is bounded

Consumer: TypeAlias = Callable[[Sequence[LoggedRequest]], None]


class Traffic:
    """`record` from any thread; `start` once, in the process that serves."""

    def __init__(self, consumers: Sequence[Consumer], each_time: Callable[[], None] = lambda: None) -> None:
        """Hand on to `consumers`; `each_time` is called by the thread whether or not there was anything."""
        self._consumers, self._each_time = consumers, each_time
        self._waiting: deque[LoggedRequest] = deque()
        self._handing_on = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)

    def start(self) -> None:
        """Begin to hand on."""
        self._thread.start()

    def record(self, request: LoggedRequest) -> None:
        """Put one down."""
        self._waiting.append(request)
        if len(self._waiting) > _AT_MOST:
            self.hand_on()

    def hand_on(self) -> None:
        """Hand on what lies here now; what goes wrong with one consumer is told, and does not keep it from others."""
        with self._handing_on:
            left = len(self._waiting)
            while left:
                batch = [self._waiting.popleft() for _ in range(min(left, _AT_ONCE))]
                left -= len(batch)
                for consume in self._consumers:
                    try:
                        consume(batch)
                    except Exception:  # noqa: BLE001 - whatever it is, the others count on
                        _log.exception("%d requests were not counted", len(batch))
                if left and not self._end.is_set():
                    time.sleep(_BREATH_S)

    def close(self) -> None:
        """Hand on the last ones and end."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.hand_on()

    def _run(self) -> None:
        while not self._end.wait(_INTERVAL_S):
            self.hand_on()
            try:
                self._each_time()
            except Exception:  # noqa: BLE001 - a full disk, say
                _log.exception("metrics were not told")
