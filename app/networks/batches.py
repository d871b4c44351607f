"""Feed encodings to Keras: shuffled under a seed, padded with zeros to the longest of each batch."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..families.contract import Array, Encoding

_SORTED_BATCHES: Final = 16

_Batch = tuple[dict[str, Array], NDArray[np.float32], NDArray[np.float32]]


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


def batches(
    encodings: Sequence[Encoding],
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    batch_size: int,
    seed: int | None,
) -> tf.data.Dataset:
    """
    Give batches of arrays, targets (n, n_outputs) and weights (n,), others in each epoch where there is a seed.

    The lengths are declared open: Keras, left to infer them, takes those of the first few batches for fixed.
    """
    shuffle = None if seed is None else np.random.default_rng(seed)
    lengths = np.array([sum(map(len, encoding.values())) for encoding in encodings])

    def one_epoch() -> Iterator[_Batch]:
        for rows in _rows_of_batches(lengths, batch_size, shuffle):
            yield padded([encodings[row] for row in rows]), targets[rows], weights[rows]

    signature = (
        {name: tf.TensorSpec((None, None), array.dtype) for name, array in encodings[0].items()},
        tf.TensorSpec((None, targets.shape[1]), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    n_batches = -(-len(encodings) // batch_size)
    dataset = tf.data.Dataset.from_generator(one_epoch, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(2)


def _rows_of_batches(
    lengths: NDArray[np.int64], batch_size: int, shuffle: np.random.Generator | None
) -> list[NDArray[np.intp]]:
    """
    Draw the batches of an epoch, each of encodings of similar length: every step costs what its longest one does.

    What is sorted is the examples of some batches at a time, so that neighbours still change from epoch to epoch.
    """
    order = np.arange(len(lengths)) if shuffle is None else shuffle.permutation(len(lengths))
    drawn = batch_size * _SORTED_BATCHES
    parts = [order[start : start + drawn] for start in range(0, len(order), drawn)]
    rows = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in parts])
    cut = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    return cut if shuffle is None else [cut[number] for number in shuffle.permutation(len(cut))]
