"""
Networks of several heads: each learns the intents for itself, and what is served is their average.

Trained on what is served alone, a side leaves to the other what that does well, and the two know little more than one.
With a loss of its own besides, each has to know the intents by itself, and they err on different texts: an ensemble in
one network (Hansen & Salamon 1990, "Neural Network Ensembles"), as after Lee et al. 2015, "Deeply-Supervised Nets".
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
    """
    The loss of what is served, and the mean of the heads' own beside it; of one head the usual loss.

    Of several heads the label smoothing is the last one's: words in order gain by it, and a bag does not.
    """

    def __init__(self, label_smoothing: float) -> None:
        super().__init__(from_logits=True, label_smoothing=label_smoothing)
        self._plain = keras.losses.CategoricalCrossentropy(from_logits=True)

    def call(self, y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401 - as Keras calls it
        """Compare targets (texts, outputs) with scores."""
        if len(y_pred.shape) == 2:  # noqa: PLR2004
            return super().call(y_true, y_pred)
        *others, last = ops.unstack(y_pred, axis=1)
        of_each = [*(self._plain.call(y_true, head) for head in others), super().call(y_true, last)]
        return self._plain.call(y_true, averaged(y_pred)) + sum(of_each) / len(of_each)


def accuracy(y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401 - as Keras calls it
    """Say of each text whether what is served of its scores names the right output."""
    return keras.metrics.categorical_accuracy(y_true, averaged(y_pred))
