"""The network of `record`: a vector per term, summed by weight, beside the numbers; two layers see both."""

import keras
from keras import layers

from ..families.record import RecordConfig, RecordFeatures
from .bag import Bag


def build(config: RecordConfig, features: RecordFeatures, n_outputs: int, *, serving: bool) -> keras.Model:
    """Build the network for training, or its twin for serving."""
    size = config.network
    ids = keras.Input((None,), dtype="int32", name="ids")
    weights = keras.Input((None,), dtype="float32", name="weights")
    numbers = keras.Input((features.n_numbers,), dtype="float32", name="numbers")
    bag = Bag(features.n_ids, size.bag_size, size.term_dropout, serving=serving, name="bag")(ids, weights)
    terms = layers.Dropout(size.dropout, name="bag_dropout")(layers.ReLU(name="rectified")(bag))
    dropped = layers.Dropout(size.dropout, name="number_dropout")(numbers)
    both = layers.Concatenate(name="record")([terms, dropped])
    hidden = layers.Dense(size.hidden, activation="relu", name="hidden")(both)
    hidden = layers.Dropout(size.dropout, name="dropout")(hidden)
    scores = layers.Dense(n_outputs, name="scores")(hidden)
    return keras.Model({"ids": ids, "weights": weights, "numbers": numbers}, scores)
