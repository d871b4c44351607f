"""
The network of `lstm_attention`: embedding, bidirectional LSTM, additive attention over the words, scores.

Pooling after Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", section 2.2.
Training masks padding. A masked LSTM exports as a loop ten times slower than the native operator, so serving gets a
twin without masks that shares the weights and is fed unpadded text.
"""

import keras
from keras import layers, ops

from ..families.lstm_attention import UNKNOWN_ID, LstmAttentionConfig, SequenceFeatures


def build(config: LstmAttentionConfig, features: SequenceFeatures, n_intents: int, *, serving: bool) -> keras.Model:
    """Build the network for training (with masks), or its twin for serving (without)."""
    size = config.network
    ids = keras.Input((None,), dtype="int32", name="ids")
    read = ids if serving else WordDropout(size.word_dropout, name="word_dropout")(ids)
    words = layers.Embedding(features.n_ids, size.embedding_size, mask_zero=not serving, name="embedding")(read)
    words = layers.Dropout(size.dropout, name="embedding_dropout")(words)
    lstm = layers.LSTM(size.lstm_size, return_sequences=True, name="lstm")
    words = layers.Bidirectional(lstm, name="both_ways")(words)  # (texts, words, 2 * lstm_size)
    attention = layers.Dense(size.lstm_size, activation="tanh", name="attention_hidden")(words)
    attention = layers.Dense(1, use_bias=False, name="attention")(attention)  # (texts, words, 1)
    if not serving:
        padding = ops.cast(ops.equal(ids, 0), "float32")
        attention = attention - 1e9 * ops.expand_dims(padding, -1)
    pooled = ops.sum(ops.softmax(attention, axis=1) * words, axis=1)  # (texts, 2 * lstm_size)
    pooled = layers.Dropout(size.dropout, name="dropout")(pooled)
    return keras.Model({"ids": ids}, layers.Dense(n_intents, name="scores")(pooled))


class WordDropout(layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Replace a share of the words by the unknown word while training."""

    def __init__(self, rate: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.random = keras.random.SeedGenerator()

    def call(self, ids: object, training: bool = False) -> object:  # noqa: FBT001, FBT002 - Keras passes it by name or place
        """Give the ids, some of them unknown; padding stays padding."""
        if not training or not self.rate:
            return ids
        dropped = keras.random.uniform(ops.shape(ids), seed=self.random) < self.rate
        return ops.where(ops.logical_and(dropped, ops.not_equal(ids, 0)), UNKNOWN_ID, ids)
