"""
What makes the predictions of the queue: a thread in every process that serves.

It claims several at once, for a while; who dies in the middle loses nothing, for another takes them when that while is
over. What was lost that way is taken alone, so that an input that ends who works on it takes nobody with it, and not a
third time. Of two results of one prediction the first counts.

What takes long holds nothing else up: the rest of what was claimed is given back, and what takes too long is given up
and answered by that. Results that the store does not take now are kept until it does.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final, NamedTuple, Protocol

from ..domain.errors import ParleyError
from ..domain.load_errors import DeadlineExceededError
from ..domain.queue_errors import PredictionLostError
from ..domain.queued_prediction import CLAIMS_AT_MOST, Claimed, Result
from ..domain.storage_errors import RefusedEntryError, StorageError
from .beside import Beside
from .queued_predictions import PredictionStore

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 16
_GIVES_BACK_AFTER_S: Final = 0.1
_TRIES_AGAIN_AFTER_S: Final = 0.5
_SWEEPS_EVERY_S: Final = 10.0
_HANG_AT_MOST: Final = 4
"""Threads; a process in which more hang had better be replaced."""


class QueueTerms(NamedTuple):
    """For how long."""

    lease: timedelta
    """Who is silent for longer about what he claimed is taken for lost."""
    keep_results: timedelta
    answer_within_s: float
    """What takes longer is given up."""


class Answers(Protocol):
    """What makes predictions; neither raises."""

    def answer(self, claimed: Claimed) -> Result: ...  # noqa: D102
    def refuse(self, claimed: Claimed, error: ParleyError) -> Result: ...  # noqa: D102 - answers by an error


class QueueWorker:
    """Works from `start` to `close`, in the process that serves."""

    def __init__(self, open_store: Callable[[], PredictionStore], terms: QueueTerms) -> None:
        """Open nothing yet; the thread does, and again after that failed."""
        self._store, self._terms = open_store, terms
        self._answers: Answers | None = None
        self._beside = Beside[Result](terms.answer_within_s, "queued prediction")
        self._claimed: deque[Claimed] = deque()
        self._results: list[Result] = []
        self._sweeps_at = 0.0
        self._is_away = False
        self._end, self._holds_nothing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="prediction queue", daemon=True)
        self.n_waiting = self.n_answered = self.n_failed = 0
        """Of all, when it last looked; of its own, answers and errors among them."""

    @property
    def is_stuck(self) -> bool:
        """Whether so much hangs here that another process had better do this work."""
        return self._beside.n_left_behind >= _HANG_AT_MOST

    def start(self, answers: Answers) -> None:
        """Begin to work."""
        self._answers = answers
        self._thread.start()

    def close(self, deadline_s: float) -> None:
        """Begin nothing more; what is under way is waited for, for so many seconds at most."""
        self._end.set()
        if self._thread.ident is not None and self._holds_nothing.wait(deadline_s) and not self._is_away:
            with suppress(StorageError):
                self._store().give_back(())  # what the store itself has set aside

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may succeed
                self._tell_away(error)
                self._holds_nothing.set()
                self._end.wait(_TRIES_AGAIN_AFTER_S)
            else:
                self._tell_back()
        self._holds_nothing.set()

    def _work(self) -> None:
        """Do what there is to do, or wait until there may be some."""
        self._holds_nothing.clear()
        store = self._store()
        self._put_down(store)
        if time.monotonic() >= self._sweeps_at:
            store.sweep()
            self._sweeps_at = time.monotonic() + _SWEEPS_EVERY_S
        if self._end.is_set():
            return
        claims = store.claim(_AT_ONCE, self._terms.lease)
        self.n_waiting = claims.n_waiting
        self._claimed.extend(claims.taken)
        if self._claimed:
            self._make()
            self._put_down(store)
        else:
            self._holds_nothing.set()
            store.listen()

    def _make(self) -> None:
        """Make what was claimed: one at least, and more for as long as that takes no time to speak of."""
        until = time.monotonic() + _GIVES_BACK_AFTER_S
        while self._claimed and (not self._results or time.monotonic() < until) and not self._end.is_set():
            self._results.append(self._result(self._claimed.popleft()))

    def _result(self, claimed: Claimed) -> Result:
        assert self._answers is not None  # noqa: S101 - given before the thread began
        if claimed.n_claims > CLAIMS_AT_MOST:
            return self._answers.refuse(claimed, PredictionLostError())
        if claimed.unreadable is not None:
            return self._answers.refuse(claimed, claimed.unreadable)
        try:
            return self._beside.call(partial(self._answers.answer, claimed))
        except DeadlineExceededError as error:
            return self._answers.refuse(claimed, error)

    def _put_down(self, store: PredictionStore) -> None:
        """Hand in what was made, and give back what was not."""
        if self._results:
            try:
                counted = store.settle(self._results, self._terms.keep_results)
            except RefusedEntryError:  # it never will take them
                self._results.clear()
                raise
            self._results.clear()
            self.n_answered += len(counted)
            self.n_failed += sum(not one.is_success for one in counted)
        if self._claimed:
            store.give_back(self._claimed)
            self._claimed.clear()

    def _tell_away(self, error: Exception) -> None:
        if not self._is_away:
            problem = error if isinstance(error, StorageError) else type(error).__name__
            _log.warning("prediction queue: %s; what waits there is answered when it can be", problem)
        self._is_away = True

    def _tell_back(self) -> None:
        if self._is_away:
            _log.warning("prediction queue: it can be used again")
        self._is_away = False
