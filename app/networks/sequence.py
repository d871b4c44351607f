"""
What the networks of word sequences share: embedding, bidirectional LSTM, pooling.

Training masks padding. A masked LSTM exports as a loop ten times slower than the native operator, so serving gets a
twin without masks that shares the weights and is fed unpadded text.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from numpy.typing import NDArray

from ..families.sequence_features import SequenceFeatures, SequenceNetworkConfig


def states(
    ids: Any,  # noqa: ANN401 - Keras is untyped
    size: SequenceNetworkConfig,
    features: SequenceFeatures,
    *,
    serving: bool,
    sequences: bool,
) -> Any:  # noqa: ANN401
    """Read words (texts, words) both ways: (texts, words, 2 * lstm_size), or the last states without `sequences`."""
    read = ids if serving else WordDropout(size.word_dropout, features.stand_ins(), name="word_dropout")(ids)
    embedding = _ServedEmbedding if serving else layers.Embedding
    words = embedding(features.n_ids, size.embedding_size, mask_zero=not serving, name="embedding")(read)
    words = layers.Dropout(size.dropout, name="embedding_dropout")(words)
    lstm = layers.LSTM(size.lstm_size, return_sequences=sequences, name="lstm")
    return layers.Bidirectional(lstm, name="both_ways")(words)


def attended(ids: Any, words: Any, size: SequenceNetworkConfig, *, serving: bool) -> Any:  # noqa: ANN401
    """
    Pool states (texts, words, n) to (texts, n) by additive attention.

    After Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", section 2.2.
    """
    attention = layers.Dense(size.lstm_size, activation="tanh", name="attention_hidden")(words)
    attention = layers.Dense(1, use_bias=False, name="attention")(attention)  # (texts, words, 1)
    if not serving:
        padding = ops.cast(ops.equal(ids, 0), "float32")
        attention = attention - 1e9 * ops.expand_dims(padding, -1)
    return ops.sum(ops.softmax(attention, axis=1) * words, axis=1)


class _ServedEmbedding(layers.Embedding):  # type: ignore[misc]  # Keras is untyped
    """The same without nine operators for an id that could count from the end."""

    def call(self, ids: Any) -> Any:  # noqa: ANN401 - as Keras calls it
        """Look up."""
        return tf.gather(self.embeddings, ids)


class WordDropout(layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """While training, replace a share of the words by what stands for them when they are unknown."""

    def __init__(self, rate: float, stand_ins: NDArray[np.int32], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.rate, self.stand_ins = rate, stand_ins
        self.random = keras.random.SeedGenerator()

    def call(self, ids: object, training: bool = False) -> object:  # noqa: FBT001, FBT002 - Keras passes it by name or place
        """Give the ids, some of them replaced; padding stays padding."""
        if not training or not self.rate:
            return ids
        dropped = keras.random.uniform(ops.shape(ids), seed=self.random) < self.rate
        return ops.where(dropped, ops.take(self.stand_ins, ids), ids)
