"""The network of `bow`: one vector per term, summed by weight, rectified, to one score per intent."""

import keras
from keras import layers

from ..families.bow import BowConfig, BowFeatures
from .bag import Bag


def build(config: BowConfig, features: BowFeatures, n_outputs: int, *, serving: bool) -> keras.Model:
    """Build the network for training, or its twin for serving."""
    size = config.network
    ids = keras.Input((None,), dtype="int32", name="ids")
    weights = keras.Input((None,), dtype="float32", name="weights")
    bag = Bag(features.n_ids, size.bag_size, size.term_dropout, serving=serving, name="bag")(ids, weights)
    bag = layers.Dropout(size.dropout, name="dropout")(layers.ReLU(name="rectified")(bag))
    return keras.Model({"ids": ids, "weights": weights}, layers.Dense(n_outputs, name="scores")(bag))
