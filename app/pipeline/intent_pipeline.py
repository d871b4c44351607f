"""A model that answers: inputs to encodings to scores to probabilities to predictions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import UnknownIntentError
from ..domain.example import Input, Reply
from ..domain.prediction import FallbackReason, IntentScore, Prediction
from ..families.contract import Encoding, Features
from ..families.model_config import ModelConfig
from ..runtime.session import NetworkSession
from ..text.label_encoder import LabelEncoder
from .calibration import Calibration

# Bounds the memory of one run: array elements (inputs x length) that go through the network together.
_ELEMENTS_AT_ONCE: Final = 1 << 13
_DIGITS: Final = 6

_NOTHING_KNOWN: Final = Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())


@dataclass(frozen=True, slots=True)
class IntentPipeline:
    """One version of one model in memory; safe to share between threads."""

    name: str
    config: ModelConfig
    features: Features[Any]
    session: NetworkSession
    label_encoder: LabelEncoder
    calibration: Calibration
    replies: Mapping[str, Reply]

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
        encodings = [self.features.encode(item) for item in inputs]
        predictions = [_NOTHING_KNOWN] * len(inputs)
        for rows in _runs(encodings):
            arrays = _stacked([encodings[row] for row in rows])
            probabilities = self.calibration.probabilities(self.session.scores(arrays))
            for row, prediction in zip(rows, self._predictions(probabilities, allowed, top_k), strict=True):
                predictions[row] = prediction
        return predictions

    def _columns(self, intents: Sequence[str] | None) -> NDArray[np.intp] | None:
        if intents is None:
            return None
        index = self.label_encoder.index
        unknown = [intent for intent in intents if intent not in index]
        if unknown:
            raise UnknownIntentError(self.name, unknown)
        return np.array(sorted({index[intent] for intent in intents}), dtype=np.intp)

    def _predictions(
        self, probabilities: NDArray[np.float64], allowed: NDArray[np.intp] | None, top_k: int
    ) -> Iterator[Prediction]:
        if allowed is not None:
            probabilities = probabilities[:, allowed]
        # a stable sort of whole rows is quicker than a partial one for any number of intents that a bot has
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :top_k]
        names = self.label_encoder.intents
        if allowed is not None:
            names = tuple(names[column] for column in allowed)
        # from here on plain numbers: numpy is slower than Python at a handful of them
        for row, columns in zip(probabilities.tolist(), best.tolist(), strict=True):
            ranking = tuple([IntentScore(names[column], round(row[column], _DIGITS)) for column in columns])
            first = ranking[0]
            reason = self.calibration.abstention.reason(first.confidence)
            yield Prediction(None if reason else first.intent, first.confidence, reason, ranking)


def _runs(encodings: Sequence[Encoding | None]) -> Iterable[list[int]]:
    """Group the rows of known inputs by the length of their arrays, so that none is padded."""
    if len(encodings) == 1:
        return [] if encodings[0] is None else [[0]]
    groups: dict[int, list[int]] = {}
    for row, encoding in enumerate(encodings):
        if encoding is not None:
            groups.setdefault(_length(encoding), []).append(row)
    runs = []
    for length, rows in groups.items():
        at_once = max(1, _ELEMENTS_AT_ONCE // length)
        runs += [rows[start : start + at_once] for start in range(0, len(rows), at_once)]
    return runs


def _length(encoding: Encoding) -> int:
    return len(next(iter(encoding.values())))


def _stacked(encodings: Sequence[Encoding | None]) -> dict[str, NDArray[np.generic]]:
    known = [encoding for encoding in encodings if encoding is not None]
    if len(known) == 1:
        return {name: array[np.newaxis] for name, array in known[0].items()}
    return {name: np.stack([encoding[name] for encoding in known]) for name in known[0]}
