"""Feed encodings to Keras: shuffled under a seed, padded with zeros to the longest of each batch."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from ..families.contract import Array, Encoding


def padded(encodings: Sequence[Encoding]) -> dict[str, Array]:
    """Stack encodings of any length, shorter ones filled up with zeros: name -> (n_encodings, longest)."""
    arrays: dict[str, Array] = {}
    for name, first in encodings[0].items():
        longest = max(len(encoding[name]) for encoding in encodings)
        stacked = np.zeros((len(encodings), longest), dtype=first.dtype)
        for row, encoding in zip(stacked, encodings, strict=True):
            row[: len(encoding[name])] = encoding[name]
        arrays[name] = stacked
    return arrays


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras is untyped
    """Encodings, one-hot targets and weights, in another order each epoch."""

    def __init__(
        self,
        encodings: Sequence[Encoding],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int | None,
    ) -> None:
        """Take them all; without a seed they keep their order."""
        super().__init__()
        self._encodings, self._targets, self._weights = encodings, targets, weights
        self._batch_size = batch_size
        self._random = None if seed is None else np.random.default_rng(seed)
        self._order = np.arange(len(encodings))
        self.on_epoch_end()

    def __len__(self) -> int:
        """Count the batches."""
        return -(-len(self._encodings) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[Mapping[str, Array], Array, Array]:
        """Give one batch: arrays, targets (n, n_intents), weights (n,)."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        return padded([self._encodings[row] for row in rows]), self._targets[rows], self._weights[rows]

    def on_epoch_end(self) -> None:
        """Put them into another order."""
        if self._random is not None:
            self._random.shuffle(self._order)
