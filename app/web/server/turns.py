"""
Who is answered next on the event loop, and who is refused.

The loop answers for a short while and then looks at its sockets again, so that nobody waits for all the others before
it is even noticed. Requests that find the loop busy wait for their turn. Where so many wait that the next one would do
so for too long, by what turns have taken lately, there is more to do than can be done, and it is refused. So is who has
waited too long in spite of that while many wait behind; after a mere pause of the machine few do, and all are answered.
To refuse takes time too: less of it is spent on that than on answers, whatever comes, and who is refused waits for it.
A client has one request at a time, so none of these queues is longer than there are connections.
"""

import asyncio
import logging
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

_log = logging.getLogger(__name__)

_ANSWERS_S: Final = 0.006
"""For as long the loop answers before it looks at its sockets again."""
_REFUSALS_S: Final = 0.001
"""For as long it refuses."""
_FIRST_GUESS_S: Final = 0.0003
_WEIGHT: Final = 0.05
"""Of the newest turns in the mean."""
_AT_MOST_TIMES: Final = 4
"""The mean; so one pause of the machine does not make it believed that turns are slow from now on."""

_MANY: Final = 0.5
"""Of those who may wait; with so many behind it, a turn that comes too late is refused."""

Turn: TypeAlias = Callable[[], None]


class _Waiting(NamedTuple):
    came_at: float
    answer: Turn
    refuse: Turn


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
        self._answers: deque[_Waiting] = deque()
        self._refusals: deque[Turn] = deque()
        self._is_coming, self._began_at = False, 0.0
        self._turn_s = _FIRST_GUESS_S

    def is_free(self) -> bool:
        """Whether one may be answered at once."""
        return not self._is_coming and time.monotonic() - self._selector.gave_at < _ANSWERS_S

    def is_overloaded(self) -> bool:
        """Whether one that comes now would wait for too long."""
        return len(self._answers) * self._turn_s > self._max_wait_s

    def wait(self, answer: Turn, refuse: Turn) -> None:
        """Call `answer` when it is its turn, or `refuse` where that comes too late."""
        self._answers.append(_Waiting(time.monotonic(), answer, refuse))
        self._come_back()

    def wait_to_refuse(self, refuse: Turn) -> None:
        """Call `refuse` when there is time for that."""
        self._refusals.append(refuse)
        self._come_back()

    def _come_back(self) -> None:
        if not self._is_coming:
            self._is_coming = True
            self._began_at = time.monotonic()
            asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        n_answered = _take_for(self._answers_in_time(), _ANSWERS_S)
        _take_for(_emptied(self._refusals), _REFUSALS_S)
        now = time.monotonic()
        if n_answered:  # with all that came between: what the next one will have to wait for
            took_s = min((now - self._began_at) / n_answered, _AT_MOST_TIMES * self._turn_s)
            self._turn_s += _WEIGHT * (took_s - self._turn_s)
        self._is_coming = False
        if self._answers or self._refusals:
            self._come_back()

    def _answers_in_time(self) -> Iterator[Turn]:
        """Give those whose turn has not come too late; the others are to be refused."""
        while self._answers:
            came_at, answer, refuse = self._answers.popleft()
            has_many_behind = len(self._answers) * self._turn_s > _MANY * self._max_wait_s
            if has_many_behind and time.monotonic() - came_at > self._max_wait_s:
                self._refusals.append(refuse)
            else:
                yield answer


def _emptied(waiting: deque[Turn]) -> Iterator[Turn]:
    while waiting:
        yield waiting.popleft()


def _take_for(turns: Iterator[Turn], seconds: float) -> int:
    """Take turns for a while, at least one, and say how many."""
    n_taken, until = 0, time.monotonic() + seconds
    for turn in turns:
        try:
            turn()
        except Exception:  # noqa: BLE001 - the others wait
            _log.exception("a turn failed")
        n_taken += 1
        if time.monotonic() >= until:
            break
    return n_taken
