"""
Answers that were given a short while ago, by the version that gave them.

People greet, thank and agree in the same few words. What they got is kept for as long as the version is in memory, and
goes with it: another version has its own. A version in memory never changes, so neither do its answers.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

from ..domain.prediction import Prediction
from .model_state import LoadedModel

_CHARS_AT_MOST: Final = 200
"""Of a text; longer ones are hardly ever sent twice."""

_BYTES: Final = 450
_BYTES_OF_A_PLACE: Final = 80
"""Measured, of an answer without and of each place of its ranking."""

Asked: TypeAlias = tuple[str, int, tuple[str, ...] | None]
"""A text, the places of its ranking, and what the ranking was restricted to."""


class _Answers(OrderedDict[Asked, Prediction]):
    n_bytes = 0


class PredictionCache:
    """The answers that were asked for last, of each version; safe to share between threads."""

    def __init__(self, max_texts: int) -> None:
        """Keep so many of a version; 0 keeps none."""
        self._max_texts = max_texts
        self._answers: WeakKeyDictionary[LoadedModel, _Answers] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self.n_hits = self.n_misses = 0

    def answer(self, model: LoadedModel, asked: Asked, predict: Callable[[], Prediction]) -> Prediction:
        """Give what the version answered before, or what `predict` gives."""
        if not self._max_texts or len(asked[0]) > _CHARS_AT_MOST:
            return predict()
        with self._lock:
            answers = self._answers.get(model)
            if answers is None:
                answers = self._answers[model] = _Answers()
            known = answers.get(asked)
            if known is not None:
                answers.move_to_end(asked)
                self.n_hits += 1
                return known
            self.n_misses += 1
        given = predict()
        with self._lock:
            if asked not in answers:  # another thread may have been asked the same
                answers.n_bytes += _bytes_of(given)
            answers[asked] = given
            if len(answers) > self._max_texts:
                answers.n_bytes -= _bytes_of(answers.popitem(last=False)[1])
        return given

    def bytes_of(self, model: LoadedModel) -> int:
        """Say how much memory is taken by what is kept of a version, about."""
        answers = self._answers.get(model)
        return answers.n_bytes if answers is not None else 0


def _bytes_of(prediction: Prediction) -> int:
    return _BYTES + _BYTES_OF_A_PLACE * len(prediction.ranking)
