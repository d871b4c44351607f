"""
The bag layer: a weighted sum of one vector per term.

Training multiplies dense rows of term weights by the table: on a CPU that is twice as fast as gathering a vector per
term, whose gradients have to be scattered back. Serving gathers: for one text it is a hundredth of the work.
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
        known = tf.where(ids > 0)
        terms = tf.cast(tf.gather_nd(ids, known), tf.int64)
        places = tf.stack([known[:, 0], terms], axis=1)
        rows = tf.scatter_nd(places, tf.gather_nd(weights, known), (tf.shape(ids, tf.int64)[0], self.n_ids))
        return tf.matmul(rows, self.table) + self.bias
