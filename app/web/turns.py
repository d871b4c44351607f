"""
Who is answered next on the event loop, and who is refused.

The loop answers for a short while and then looks at its sockets again, so that nobody waits for all the others before
it is even noticed. Requests that find the loop busy wait for their turn. Where so many wait that the next one would do
so for too long, by what turns have taken lately, there is more to do than can be done, and it is refused.
"""

import asyncio
import logging
import selectors
import time
from collections import deque
from collections.abc import Callable
from typing import Final

_log = logging.getLogger(__name__)

_SLICE_S: Final = 0.004
"""For as long the loop answers before it looks at its sockets again."""
_FIRST_GUESS_S: Final = 0.0003
_WEIGHT: Final = 0.05
"""Of the newest turns in the mean."""


class NotingSelector(selectors.DefaultSelector):
    """Remembers when it last gave the sockets that are ready."""

    def __init__(self) -> None:
        super().__init__()
        self.gave_at = time.monotonic()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for sockets."""
        ready = super().select(timeout)
        self.gave_at = time.monotonic()
        return ready


class Turns:
    """The order in which an event loop answers; all methods are called on it."""

    def __init__(self, selector: NotingSelector, max_wait_s: float) -> None:
        """`selector` is the loop's; nobody should wait for longer than `max_wait_s`."""
        self._selector, self._max_wait_s = selector, max_wait_s
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_coming, self._turn_s = False, _FIRST_GUESS_S

    def is_free(self) -> bool:
        """Whether one may be answered at once."""
        return not self._waiting and time.monotonic() - self._selector.gave_at < _SLICE_S

    def is_overloaded(self) -> bool:
        """Whether one that comes now would wait for too long."""
        return len(self._waiting) * self._turn_s > self._max_wait_s

    def wait(self, answer: Callable[[], None]) -> None:
        """Call `answer` when it is its turn."""
        self._waiting.append(answer)
        self._come_back()

    def _come_back(self) -> None:
        if not self._is_coming:
            self._is_coming = True
            asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        self._is_coming = False
        began, n_taken = time.monotonic(), 0
        spent_s = 0.0
        while self._waiting and spent_s < _SLICE_S:
            answer = self._waiting.popleft()
            try:
                answer()
            except Exception:  # noqa: BLE001 - the others wait
                _log.exception("a turn failed")
            n_taken += 1
            spent_s = time.monotonic() - began
        if n_taken:
            self._turn_s += _WEIGHT * (spent_s / n_taken - self._turn_s)
        if self._waiting:
            self._come_back()
