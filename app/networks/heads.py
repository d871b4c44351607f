"""
Networks of several heads: each learns the intents for itself, and answers add up.

Trained on the sum of their scores, a side leaves to the other what that does well, and the two know little more than
one. Trained each on its own loss and averaged afterwards they err on different texts: an ensemble in one network
(Hansen & Salamon 1990, "Neural Network Ensembles").
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops


def joined(scores: Sequence[Any], *, serving: bool) -> Any:  # noqa: ANN401 - Keras is untyped
    """Join the scores of heads, each (texts, outputs): side by side to train, (texts, heads, outputs); one to serve."""
    if serving:
        return layers.Average(name="scores")([ops.log_softmax(of_head) for of_head in scores])
    return ops.stack(scores, axis=1)


def averaged(scores: Any) -> Any:  # noqa: ANN401 - Keras is untyped
    """Give what is served, (texts, outputs), of scores as they are trained: of heads side by side, or of one."""
    return ops.mean(ops.log_softmax(scores, axis=-1), axis=1) if len(scores.shape) == 3 else scores  # noqa: PLR2004


class LossOfHeads(keras.losses.CategoricalCrossentropy):  # type: ignore[misc]  # Keras is untyped
    """The mean loss of heads, each by itself; of one head the usual loss."""

    def call(self, y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401 - as Keras calls it
        """Compare targets (texts, outputs) with scores."""
        if len(y_pred.shape) == 2:  # noqa: PLR2004
            return super().call(y_true, y_pred)
        n_heads = y_pred.shape[1]
        of_each = super().call(ops.repeat(ops.expand_dims(y_true, 1), n_heads, axis=1), y_pred)
        return ops.mean(of_each, axis=1)


def accuracy(y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401 - as Keras calls it
    """Say of each text whether what is served of its scores names the right output."""
    return keras.metrics.categorical_accuracy(y_true, averaged(y_pred))
