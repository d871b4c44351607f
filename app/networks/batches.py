"""Feed encodings to Keras: shuffled under a seed, padded with zeros to the longest of each batch."""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..families.contract import Array, Encoding

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
    Give batches of arrays, targets (n, n_intents) and weights (n,), in another order each epoch.

    The lengths are declared open: Keras, left to infer them, takes those of the first few batches for fixed.
    """
    shuffle = None if seed is None else np.random.default_rng(seed)
    order = np.arange(len(encodings))

    def one_epoch() -> Iterator[_Batch]:
        if shuffle is not None:
            shuffle.shuffle(order)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            yield padded([encodings[row] for row in rows]), targets[rows], weights[rows]

    signature = (
        {name: tf.TensorSpec((None, None), array.dtype) for name, array in encodings[0].items()},
        tf.TensorSpec((None, targets.shape[1]), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    n_batches = -(-len(encodings) // batch_size)
    dataset = tf.data.Dataset.from_generator(one_epoch, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(2)
