"""The network of `bow`: one embedding per term, summed by weight, to one score per intent."""

import keras
from keras import layers, ops

from ..families.bow import BowConfig, BowFeatures


def build(config: BowConfig, features: BowFeatures, n_intents: int, *, serving: bool) -> keras.Model:  # noqa: ARG001
    """Build the network; training and serving need the same one, since a weight of 0 makes padding harmless."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    weights = keras.Input((None,), dtype="float32", name="weights")
    embedded = layers.Embedding(features.n_ids, config.network.embedding_size, name="embedding")(ids)
    bag = ops.sum(embedded * ops.expand_dims(weights, -1), axis=1)  # (texts, terms, size) -> (texts, size)
    bag = layers.Dropout(config.network.dropout, name="dropout")(bag)
    scores = layers.Dense(n_intents, name="scores")(bag)
    return keras.Model({"ids": ids, "weights": weights}, scores)
