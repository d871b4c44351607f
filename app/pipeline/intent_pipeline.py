"""A model that answers: inputs to encodings to scores to probabilities to predictions."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import UnknownIntentError
from ..domain.example import Input, Reply
from ..domain.prediction import FallbackReason, IntentScore, Prediction
from ..entities.finder import EntityFinder
from ..families.contract import Encoding, Features, alone
from ..families.model_config import ModelConfig
from ..text.label_encoder import LabelEncoder
from .calibration import Calibration

# Array elements (inputs x length) that go through the network together: with a vector for each, what a cache holds.
_ELEMENTS_AT_ONCE: Final = 1 << 11
_STEP: Final = 16  # even, as in `alone`: lengths that zeros may fill up are filled up to a multiple of it
_DIGITS: Final = 6

_NOTHING_KNOWN: Final = Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())


class Session(Protocol):
    """What computes scores (n_inputs, n_outputs) from arrays by input name, each of shape (n_inputs, length)."""

    def scores(self, arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
        """Compute them."""


@dataclass(frozen=True, slots=True)
class IntentPipeline:
    """One version of one model in memory; safe to share between threads."""

    name: str
    config: ModelConfig
    features: Features[Any]
    session: Session
    label_encoder: LabelEncoder
    calibration: Calibration
    replies: Mapping[str, Reply]
    entities: EntityFinder | None = None
    """Finds what is named in texts; None where the model declares nothing."""

    def predict(self, inputs: Sequence[Input], *, top_k: int, intents: Sequence[str] | None = None) -> list[Prediction]:
        """
        Answer inputs, each as if it were alone.

        Args:
            inputs: what to classify.
            top_k: places of each ranking, at the most.
            intents: where given, only these take part in the ranking; confidences stay what they are.

        Raises:
            UnknownIntentError: `intents` names one that the model has not.
        """
        allowed = self._columns(intents)
        if len(inputs) == 1:  # what most requests are; grouping would cost a tenth of the answer
            return [self._alone(inputs[0], allowed, top_k)]
        encodings = [self.features.encode(item) for item in inputs]
        predictions = [_NOTHING_KNOWN] * len(inputs)
        for rows, lengths in _runs(encodings, self.features.zeros_may_fill):
            scores = self.session.scores(_stacked([encodings[row] for row in rows], lengths))
            for row, prediction in zip(rows, self._predictions(scores, allowed, top_k), strict=True):
                predictions[row] = prediction
        return predictions

    def _alone(self, model_input: Input, allowed: Sequence[int], top_k: int) -> Prediction:
        encoding = self.features.encode(model_input)
        if encoding is None:
            return _NOTHING_KNOWN
        scores = self.session.scores(alone(encoding, self.features.zeros_may_fill))
        probabilities = self.calibration.probabilities_of(scores[0])
        best = sorted(allowed, key=probabilities.__getitem__, reverse=True)[:top_k]
        return self._prediction(best, [probabilities[column] for column in best], probabilities[-1])

    def _columns(self, intents: Sequence[str] | None) -> Sequence[int]:
        if intents is None:
            return range(len(self.label_encoder))
        index = self.label_encoder.index
        unknown = [intent for intent in intents if intent not in index]
        if unknown:
            raise UnknownIntentError(self.name, unknown)
        return sorted({index[intent] for intent in intents})

    def _predictions(self, scores: NDArray[np.float32], allowed: Sequence[int], top_k: int) -> Iterator[Prediction]:
        """Do what `_alone` does to each row of scores, to all rows at once."""
        probabilities = self.calibration.probabilities(scores)
        columns = np.asarray(allowed)
        order = np.argsort(-probabilities[:, columns], axis=1, kind="stable")[:, :top_k]
        best = columns[order]
        of_best = np.take_along_axis(probabilities, best, axis=1)
        return map(self._prediction, best.tolist(), of_best.tolist(), probabilities[:, -1].tolist())

    def _prediction(self, best: Sequence[int], probabilities: Sequence[float], of_last: float) -> Prediction:
        """Put an answer together from the best columns and how probable each is, and the last of all columns."""
        names = self.label_encoder.intents
        ranking = tuple(
            [
                IntentScore(names[column], round(probability, _DIGITS))
                for column, probability in zip(best, probabilities, strict=True)
            ]
        )
        first = ranking[0]
        reason = self.calibration.reason(of_last, first.confidence)
        return Prediction(None if reason else first.intent, first.confidence, reason, ranking)


def _runs(
    encodings: Sequence[Encoding | None], zeros_may_fill: Container[str]
) -> Iterable[tuple[list[int], tuple[int, ...]]]:
    """Group the rows of known inputs by the lengths that their arrays have in a run."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, encoding in enumerate(encodings):
        if encoding is not None:
            groups.setdefault(_lengths(encoding, zeros_may_fill), []).append(row)
    for lengths, rows in groups.items():
        at_once = max(1, _ELEMENTS_AT_ONCE // max(lengths))
        for start in range(0, len(rows), at_once):
            yield rows[start : start + at_once], lengths


def _lengths(encoding: Encoding, zeros_may_fill: Container[str]) -> tuple[int, ...]:
    return tuple(
        [-len(array) // _STEP * -_STEP if name in zeros_may_fill else len(array) for name, array in encoding.items()]
    )


def _stacked(encodings: Sequence[Encoding | None], lengths: Sequence[int]) -> dict[str, NDArray[np.generic]]:
    known = [encoding for encoding in encodings if encoding is not None]
    stacked = {}
    for (name, first), length in zip(known[0].items(), lengths, strict=True):
        stacked[name] = np.zeros((len(known), length), dtype=first.dtype)
        for row, encoding in zip(stacked[name], known, strict=True):
            array = encoding[name]
            row[: len(array)] = array
    return stacked
