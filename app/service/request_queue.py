"""
Requests that wait to be written.

Bounded by the number of their inputs and by the characters of their texts. Each request put in is, at any moment,
either waiting or counted once as written or dropped.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from ..domain.logged_request import LoggedRequest

CHARS_AT_MOST: Final = 8_000_000


class DropReason(StrEnum):
    """Why a request is not in the log."""

    QUEUE_FULL = "queue_full"
    REFUSED = "refused"
    """The database is in good order and does not take it."""
    CLOSED = "closed"
    """It came after the end, or was not written by then."""
    INVALID = "invalid"
    """It is no request: a mistake of ours."""


class RequestCounts(NamedTuple):
    """What became of the requests so far."""

    written: int
    queued: int
    dropped: Mapping[DropReason, int]


class RequestQueue:
    """Any thread puts in; one takes the oldest, and says what became of them before they leave."""

    def __init__(self, max_inputs: int, n_wake_inputs: int) -> None:
        """Take at most `max_inputs`; wake the one that takes as soon as there are `n_wake_inputs`."""
        self._max_inputs, self._n_wake_inputs = max_inputs, n_wake_inputs
        self._changed = threading.Condition()
        self._waiting: deque[LoggedRequest] = deque()
        self._n_inputs = self._n_chars = 0
        self._n_entered = self._n_left = self._written = 0
        self._dropped: Counter[DropReason] = Counter()
        self._is_urgent = self._is_closing = self._is_closed = False

    def put(self, request: LoggedRequest) -> None:
        """Let a request wait, or count it as dropped. One larger than the whole queue is let in while it is empty."""
        n_inputs, n_chars = _size(request)
        with self._changed:
            if self._is_closed:
                self._dropped[DropReason.CLOSED] += 1
                return
            is_full = self._n_inputs + n_inputs > self._max_inputs or self._n_chars + n_chars > CHARS_AT_MOST
            if is_full and self._waiting:
                self._dropped[DropReason.QUEUE_FULL] += 1
                return
            self._waiting.append(request)
            self._n_entered += 1
            is_first_of_much = self._n_inputs < self._n_wake_inputs <= self._n_inputs + n_inputs
            self._n_inputs += n_inputs
            self._n_chars += n_chars
            if is_first_of_much:
                self._changed.notify_all()

    def drop(self, reason: DropReason) -> None:
        """Count a request that cannot even wait."""
        with self._changed:
            self._dropped[reason] += 1

    def oldest(self, n_inputs: int) -> list[LoggedRequest]:
        """Give the oldest requests, of about so many inputs and at least one; they go on waiting."""
        with self._changed:
            candidates = list(islice(self._waiting, n_inputs))
        taken, total = 0, 0
        while taken < len(candidates) and (not taken or total + _size(candidates[taken])[0] <= n_inputs):
            total += _size(candidates[taken])[0]
            taken += 1
        return candidates[:taken]

    def settle(self, n_written: int, n_refused: int = 0, n_invalid: int = 0) -> None:
        """Let the oldest leave: those that were written, and those that will never be."""
        n_settled = n_written + n_refused + n_invalid
        with self._changed:
            if self._is_closed:  # they were given up while they were being written
                return
            for _ in range(n_settled):
                n_inputs, n_chars = _size(self._waiting.popleft())
                self._n_inputs -= n_inputs
                self._n_chars -= n_chars
            self._n_left += n_settled
            self._written += n_written
            self._dropped[DropReason.REFUSED] += n_refused
            self._dropped[DropReason.INVALID] += n_invalid
            self._changed.notify_all()

    def wait_for_work(self, timeout_s: float) -> None:
        """Wait until there is much to write, somebody is in a hurry, an end was asked for, or time is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_urgent or self._is_closing or self._n_inputs >= self._n_wake_inputs, timeout_s
            )
            self._is_urgent = False

    def wait_to_try_again(self, timeout_s: float, soon_s: float) -> None:
        """Wait after a failed attempt; not as long when somebody is in a hurry or an end was asked for."""
        with self._changed:
            if self._changed.wait_for(lambda: self._is_urgent or self._is_closing, timeout_s):
                self._is_urgent = False
                self._changed.wait_for(lambda: self._is_closed, min(timeout_s, soon_s))

    def wait_until_left(self, timeout_s: float) -> bool:
        """Wait until all that is in the queue now has left it, and say whether it has."""
        with self._changed:
            goal = self._n_entered
            self._is_urgent = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._n_left >= goal, timeout_s)

    def begin_to_close(self) -> None:
        """Tell the one that takes to come to an end."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def close(self) -> int:
        """Take no more, drop what still waits, and say how many that were."""
        with self._changed:
            given_up = len(self._waiting)
            self._is_closing = self._is_closed = True
            self._dropped[DropReason.CLOSED] += given_up
            self._n_left += given_up
            self._waiting.clear()
            self._n_inputs = self._n_chars = 0
            self._changed.notify_all()
            return given_up

    @property
    def is_closing(self) -> bool:
        """Whether an end was asked for."""
        return self._is_closing

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more."""
        return self._is_closed

    def counts(self) -> RequestCounts:
        """Say what became of the requests so far."""
        with self._changed:
            dropped = {reason: self._dropped[reason] for reason in DropReason}
            return RequestCounts(self._written, len(self._waiting), dropped)


def _size(request: LoggedRequest) -> tuple[int, int]:
    """Measure a request: inputs, one at least, and characters of texts."""
    inputs = request.inputs
    if len(inputs) == 1:  # what most requests have
        return 1, len(inputs[0].text or "")
    return len(inputs) or 1, sum(len(one.text) for one in inputs if one.text is not None)
