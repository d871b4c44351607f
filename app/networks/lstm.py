"""The network of `lstm`: embedding, bidirectional LSTM, its last states to scores."""

import keras
from keras import layers

from ..families.lstm import LstmConfig
from ..families.sequence_features import SequenceFeatures
from .sequence import states


def build(config: LstmConfig, features: SequenceFeatures, n_outputs: int, *, serving: bool) -> keras.Model:
    """Build the network for training (with masks), or its twin for serving (without)."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    text = states(ids, config.network, features, serving=serving, sequences=False)
    text = layers.Dropout(config.network.dropout, name="dropout")(text)
    return keras.Model({"ids": ids}, layers.Dense(n_outputs, name="scores")(text))
