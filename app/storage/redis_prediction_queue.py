"""
Predictions that wait for their turn, in Redis.

Each is a hash that ends by itself. A list has the ids of those that nobody has claimed, a sorted set those that
somebody has, by when the claim is over. Another list is a bell: who listens at it, on any machine, takes one stroke and
looks what there is to do. A stroke may be lost; who listens looks every second anyway.

A Redis that has forgotten everything has forgotten predictions too, and their ids are those of none.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ..domain.load_errors import OverloadedError
from ..domain.queued_prediction import (
    UNANSWERED_FOR,
    Asked,
    Claimed,
    Claims,
    PredictionState,
    QueuedPrediction,
    Result,
)
from ..domain.storage_errors import StorageUnavailableError
from .redis_connection import name_of_redis, open_redis, told_redis_faults
from .redis_queue_scripts import CLAIM, GIVE_BACK, PUT, SETTLE

_ALL: Final = "parley:predictions:"
_ONE: Final = "parley:prediction:"
_KEYS: Final = (_ALL + "waiting", _ALL + "claimed", _ALL + "bell", _ONE)
_, _CLAIMED, _BELL, _ = _KEYS
_LISTENS_S: Final = 1
_PATIENCE_S: Final = 3.0
_TOLD: Final = ("caller", "state", "queued_at", "answered_at", "expires_at", "result")


class RedisPredictionQueue:
    """
    The queue; safe to share between threads.

    Every method raises StorageUnavailableError where Redis cannot be used. While it is away one at a time asks whether
    it is back, and the others are told at once: threads are for requests.
    """

    def __init__(self, url: str) -> None:
        """Take the address; nothing is connected before it is used."""
        self._redis, self._url = open_redis(url, _PATIENCE_S), url
        self._scripts = {script: self._redis.register_script(script) for script in (PUT, CLAIM, SETTLE, GIVE_BACK)}
        self._asking_whether_back = threading.Lock()
        self._is_away = False

    def prepare(self) -> bool:
        """Do nothing: there is nothing to be made."""
        return False

    def put(self, asked: Asked, max_waiting: int) -> datetime:
        """
        Queue a prediction, and say when that was.

        Raises:
            OverloadedError: that many wait already.
        """
        kept_ms = _milliseconds(UNANSWERED_FOR)
        now = self._run(PUT, str(asked.id), asked.caller, asked.request_id, asked.question, max_waiting, kept_ms)
        if not now:
            raise OverloadedError
        return _time(now)

    def get(self, prediction: UUID) -> QueuedPrediction | None:
        """Give a prediction as it stands; None where there is none, or none any more."""
        with self._told_faults():
            told: list[Any] = self._redis.hmget(_ONE + str(prediction), _TOLD)
        caller, state, queued_at, answered_at, expires_at, result = told
        if caller is None or state is None or queued_at is None:
            return None
        return QueuedPrediction(
            prediction,
            caller.decode(),
            PredictionState(state.decode()),
            _time(queued_at),
            None if answered_at is None else _time(answered_at),
            None if expires_at is None else _time(expires_at),
            result,
        )

    def forget(self, prediction: UUID) -> None:
        """Keep nothing of a prediction; who makes it just now does so for nothing."""
        with self._told_faults():
            self._redis.unlink(_ONE + str(prediction))
            self._redis.zrem(_CLAIMED, str(prediction))

    def claim(self, at_most: int, lease: timedelta) -> Claims:
        """
        Take what is to be done next, for so long: several that nobody has begun, or one alone that was lost.

        Where there is nothing to do, nothing is written.
        """
        n_waiting, taken = self._run(CLAIM, at_most, _milliseconds(lease))
        return Claims(tuple(_claimed(*one) for one in taken), n_waiting)

    def settle(self, results: Sequence[Result], keep_for: timedelta) -> list[Result]:
        """
        Keep results and forget what was asked; give those that are the first of their prediction, which alone count.

        Whose lease has run out may be first all the same.
        """
        sent: list[str | bytes] = []
        for one in results:
            state = PredictionState.SUCCEEDED if one.is_success else PredictionState.FAILED
            sent += [str(one.id), state.value, one.body]
        firsts = self._run(SETTLE, _milliseconds(keep_for), *sent)
        return [one for one, is_first in zip(results, firsts, strict=True) if is_first]

    def give_back(self, claims: Sequence[Claimed]) -> None:
        """Let others take what was claimed and not begun, as if it had not been claimed."""
        sent = [value for one in reversed(claims) for value in (str(one.asked.id), one.n_claims)]
        self._run(GIVE_BACK, *sent)

    def sweep(self) -> int:
        """Delete nothing: Redis does so by itself."""
        return 0

    def listen(self) -> None:
        """Wait until something was put in, by whomever, or for a while."""
        with self._told_faults():
            self._redis.blpop([_BELL], _LISTENS_S)

    def close(self) -> None:
        """Give back what connections are held."""
        self._redis.close()

    def _run(self, script: str, *values: str | bytes | int) -> Any:  # noqa: ANN401 - each gives something else
        with self._told_faults():
            return self._scripts[script](keys=_KEYS, args=values)

    @contextmanager
    def _told_faults(self) -> Iterator[None]:
        asks_whether_back = self._is_away
        if asks_whether_back and not self._asking_whether_back.acquire(blocking=False):
            raise StorageUnavailableError(name_of_redis(self._url), "it did not answer a moment ago")
        try:
            with told_redis_faults(self._url):
                yield
        except StorageUnavailableError:
            self._is_away = True
            raise
        else:
            self._is_away = False
        finally:
            if asks_whether_back:
                self._asking_whether_back.release()


def _claimed(prediction: bytes, caller: bytes, request_id: bytes, question: bytes, n_claims: int) -> Claimed:
    return Claimed(Asked(UUID(prediction.decode()), caller.decode(), request_id.decode(), question), n_claims)


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _time(milliseconds: bytes | int) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
