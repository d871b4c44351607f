"""The network of `lstm_attention`: embedding, bidirectional LSTM, additive attention over the words, scores."""

import keras
from keras import layers

from ..families.lstm_attention import LstmAttentionConfig
from ..families.sequence_features import SequenceFeatures
from .sequence import attended, states


def build(config: LstmAttentionConfig, features: SequenceFeatures, n_outputs: int, *, serving: bool) -> keras.Model:
    """Build the network for training (with masks), or its twin for serving (without)."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    words = states(ids, config.network, features, serving=serving, sequences=True)
    text = attended(ids, words, config.network, serving=serving)
    text = layers.Dropout(config.network.dropout, name="dropout")(text)
    return keras.Model({"ids": ids}, layers.Dense(n_outputs, name="scores")(text))
