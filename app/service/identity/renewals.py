"""
Proofs that are looked at again before they are forgotten.

Else all that a caller asks in that moment waits for a read, each time. One thread looks, and what it has no time for is
forgotten as if nobody had tried.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from typing import Final

_log = logging.getLogger(__name__)

_AT_MOST: Final = 64
"""Wait; as many are looked at in the time that is left, unless passwords are among them."""


class Renewals:
    """`put` from any thread; the thread that looks begins with the first."""

    def __init__(self) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue(_AT_MOST)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, look: Callable[[], None]) -> None:
        """Have something looked at soon, or not at all. Never waits."""
        with suppress(Full):
            self._waiting.put_nowait(look)
        # where the system has no room for a thread now, the next call may begin it
        with self._starting, suppress(RuntimeError):
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="proofs", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            look = self._waiting.get()
            try:
                look()
            except Exception:  # noqa: BLE001 - the others are to be looked at
                _log.exception("a proof could not be looked at again")
