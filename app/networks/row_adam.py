"""
The optimizer: Adam that leaves alone the rows of a bag's table that a step has not read.

Adam after Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1. A batch reads about a quarter of
the terms of a table; to move the other rows by what is left of their momentum takes about half of a step, and makes a
bag no more accurate. Word embeddings of the sequence families lose by it, so those move as a whole.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import keras
import tensorflow as tf

_LARGEST_NORM: Final = 1.0


class RowAdam(keras.optimizers.Adam):  # type: ignore[misc]  # Keras is untyped
    """Adam, for some tables by rows; gradients are scaled down to a norm of 1 over all weights."""

    def __init__(
        self,
        learning_rate: Any,  # noqa: ANN401 - a rate or a schedule
        by_rows: Collection[keras.Variable],
        hurried: Collection[keras.Variable] = (),
        hurry: float = 1.0,
    ) -> None:
        """
        Prepare.

        Args:
            learning_rate: of most weights.
            by_rows: the tables of which a step reads some rows, each of these once.
            hurried: weights that learn `hurry` times as fast.
            hurry: how much that is.
        """
        super().__init__(learning_rate)
        self._by_rows = {id(table.value) for table in by_rows}
        self._hurried, self._hurry = {id(variable.value) for variable in hurried}, hurry

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[keras.Variable]) -> None:
        """Clip and apply; not by Keras' own clipping, which makes whole tables of the gradients of rows."""
        whole = [
            gradient if id(variable.value) in self._by_rows else tf.convert_to_tensor(gradient)
            for gradient, variable in zip(grads, trainable_variables, strict=True)
        ]
        clipped, _ = tf.clip_by_global_norm(whole, _LARGEST_NORM)
        super().apply(clipped, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:  # noqa: ANN401 - as Keras calls it
        """Move one table or array of weights."""
        if id(variable) in self._hurried:
            learning_rate *= self._hurry
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        number = self._get_variable_index(variable)
        mean, square = self._momentums[number].value, self._velocities[number].value
        rows, values = gradient.indices, gradient.values
        step = tf.cast(self.iterations + 1, values.dtype)
        rate = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        mean_of_rows = self.beta_1 * tf.gather(mean, rows) + (1 - self.beta_1) * values
        square_of_rows = self.beta_2 * tf.gather(square, rows) + (1 - self.beta_2) * tf.square(values)
        mean.scatter_update(tf.IndexedSlices(mean_of_rows, rows))
        square.scatter_update(tf.IndexedSlices(square_of_rows, rows))
        move = rate * mean_of_rows / (tf.sqrt(square_of_rows) + self.epsilon)
        variable.scatter_sub(tf.IndexedSlices(move, rows))
