"""
Predictions that wait where others can read: what was asked and what was answered is sealed there.

A server that shares the queue and has another key cannot open them. It sets aside what it comes upon, so as to get to
its own, and gives it back after a while as if it had not claimed it: who has the key answers it, if anybody does.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from ..domain.queue_errors import DamagedPredictionError, SealedElsewhereError
from ..domain.queued_prediction import Asked, Claimed, Claims, QueuedPrediction, Result
from .queued_predictions import PredictionStore

_log = logging.getLogger(__name__)

_QUESTION: Final = b"question of "
_RESULT: Final = b"result of "
_SET_ASIDE_AT_MOST: Final = 10_000
_OF_A_LEASE: Final = 4
"""For this part of one it is set aside; when the lease is over it would be taken for lost."""


class Sealing(Protocol):
    """What seals; see storage/seal.py."""

    def seal(self, content: bytes, about: bytes) -> bytes: ...  # noqa: D102
    def open(self, sealed: bytes, about: bytes) -> bytes: ...  # noqa: D102


class SealedPredictions:
    """A store over another one that never sees content; one thread claims and gives back, any do the rest."""

    def __init__(self, store: PredictionStore, seal: Sealing) -> None:
        self._store, self._seal = store, seal
        self._set_aside: list[Claimed] = []
        self._give_back_at = 0.0
        self._is_told = False

    def prepare(self) -> bool:
        """Make or change what the store needs, and say whether that was so."""
        return self._store.prepare()

    def put(self, asked: Asked, max_waiting: int) -> datetime:
        """
        Queue a prediction, and say when that was.

        Raises:
            OverloadedError: that many wait already.
        """
        sealed = self._seal.seal(asked.question, _QUESTION + asked.id.bytes)
        return self._store.put(asked._replace(question=sealed), max_waiting)

    def get(self, prediction: UUID) -> QueuedPrediction | None:
        """Give a prediction as it stands; None where there is none, none any more, or its result is damaged."""
        found = self._store.get(prediction)
        if found is None or found.result is None:
            return found
        try:
            return replace(found, result=self._seal.open(found.result, _RESULT + prediction.bytes))
        except SealedElsewhereError as error:
            self._tell_once()
            return replace(found, result=None, unreadable=error)
        except DamagedPredictionError:
            _log.warning("prediction queue: the result of %s is not as it was put there, and is not given", prediction)
            return None

    def forget(self, prediction: UUID) -> None:
        """Keep nothing of a prediction, whoever sealed it."""
        self._store.forget(prediction)

    def claim(self, at_most: int, lease: timedelta) -> Claims:
        """Take what is to be done next, for so long; what is damaged says so, and cannot be answered."""
        if self._set_aside and time.monotonic() >= self._give_back_at:
            n_given_back = len(self._set_aside)
            self.give_back(())
            return Claims((), n_given_back)  # others come first now
        while True:
            claims = self._store.claim(at_most, lease)
            opened = [self._opened(one, lease) for one in claims.taken]
            mine = tuple(one for one in opened if one is not None)
            if mine or not claims.taken or len(self._set_aside) >= _SET_ASIDE_AT_MOST:
                return Claims(mine, claims.n_waiting)

    def settle(self, results: Sequence[Result], keep_for: timedelta) -> list[Result]:
        """Keep results and forget what was asked; give those that are the first of their prediction."""
        sealed = {one._replace(body=self._seal.seal(one.body, _RESULT + one.id.bytes)): one for one in results}
        return [sealed[one] for one in self._store.settle([*sealed], keep_for)]

    def give_back(self, claims: Sequence[Claimed]) -> None:
        """Let others take what was claimed and not begun; where that is nothing, what was set aside."""
        if claims:
            self._store.give_back(claims)
        elif self._set_aside:
            self._store.give_back(self._set_aside)
            self._set_aside.clear()

    def sweep(self) -> int:
        """Delete what is kept no longer, and say how much that was."""
        return self._store.sweep()

    def listen(self) -> None:
        """Wait until something was put in, or for a while."""
        self._store.listen()

    def close(self) -> None:
        """Give back what connections are held."""
        self._store.close()

    def _opened(self, claimed: Claimed, lease: timedelta) -> Claimed | None:
        """Open what was asked; None where it was set aside."""
        asked = claimed.asked
        try:
            question = self._seal.open(asked.question, _QUESTION + asked.id.bytes)
        except DamagedPredictionError as error:
            return claimed._replace(asked=asked._replace(question=b""), unreadable=error)
        except SealedElsewhereError:
            self._tell_once()
            if not self._set_aside:
                self._give_back_at = time.monotonic() + lease.total_seconds() / _OF_A_LEASE
            self._set_aside.append(claimed._replace(asked=asked._replace(question=b"")))
            return None
        return claimed._replace(asked=asked._replace(question=question))

    def _tell_once(self) -> None:
        if not self._is_told:
            _log.warning(
                "prediction queue: some of it was sealed under another key, and is left to who has that: "
                "`queue_key` must be the same on all servers that share the queue"
            )
        self._is_told = True
