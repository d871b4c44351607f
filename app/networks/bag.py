"""
The bag layer: a weighted sum of one vector per term.

Training multiplies a matrix of term weights by those rows of the table that a batch reads, each gathered once: to
gather a vector per term of each text is slower, for their gradients have to be scattered back. Serving does so all the
same: for one text it is a hundredth of the work.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops


class Bag(layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Ids and weights, each (texts, terms), to sums of shape (texts, size); an id of 0 adds nothing."""

    def __init__(self, n_ids: int, size: int, term_dropout: float, *, serving: bool, **kwargs: Any) -> None:  # noqa: ANN401 - Keras' own
        super().__init__(**kwargs)
        self.n_ids, self.size, self.serving = n_ids, size, serving
        self.term_dropout = layers.Dropout(term_dropout)

    def build(self, *_: object) -> None:
        """Make the table and the bias."""
        self.table = self.add_weight(
            name="table", shape=(self.n_ids, self.size), initializer=keras.initializers.RandomNormal(stddev=0.05)
        )
        self.bias = self.add_weight(name="bias", shape=(self.size,), initializer="zeros")

    def call(self, ids: Any, weights: Any, training: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as Keras calls it
        """Sum."""
        if self.serving:
            # not ops.take, which makes nine operators of an id that could count from the end
            vectors = tf.gather(self.table, ids)  # (texts, terms, size)
            return ops.squeeze(ops.matmul(ops.expand_dims(weights, 1), vectors), 1) + self.bias
        weights = self.term_dropout(weights, training=training)
        known = tf.where((ids > 0) & (weights != 0.0))  # neither padding nor dropped
        terms, columns = tf.unique(tf.gather_nd(ids, known), out_idx=tf.int64)
        matrix = tf.scatter_nd(
            tf.stack([known[:, 0], columns], axis=1),
            tf.gather_nd(weights, known),
            (tf.shape(ids, tf.int64)[0], tf.size(terms, tf.int64)),
        )
        return tf.matmul(matrix, tf.gather(self.table.value, terms)) + self.bias


def tables_of(network: keras.Model) -> list[keras.Variable]:
    """Give the tables of a network's bags; a step of training reads some rows of each, and each row once."""
    return [layer.table for layer in network.layers if isinstance(layer, Bag)]
