"""The network of `hybrid`: the bag of `bow` and the attended words of `lstm_attention`, a head each."""

import keras
from keras import layers

from ..families.hybrid import HybridConfig, HybridFeatures
from .bag import Bag
from .heads import joined
from .sequence import attended, states


def build(config: HybridConfig, features: HybridFeatures, n_outputs: int, *, serving: bool) -> keras.Model:
    """Build the network for training (with masks), or its twin for serving (without)."""
    bag_size, sequence_size = config.network.bag, config.network.sequence
    term_ids = keras.Input((None,), dtype="int32", name="term_ids")
    term_weights = keras.Input((None,), dtype="float32", name="term_weights")
    word_ids = keras.Input((None,), dtype="int32", name="word_ids")
    bag = Bag(features.bag.n_ids, bag_size.bag_size, bag_size.term_dropout, serving=serving, name="bag")
    terms = layers.ReLU(name="rectified")(bag(term_ids, term_weights))
    terms = layers.Dropout(bag_size.dropout, name="bag_dropout")(terms)
    words = states(word_ids, sequence_size, features.sequence, serving=serving, sequences=True)
    words = attended(word_ids, words, sequence_size, serving=serving)
    words = layers.Dropout(sequence_size.dropout, name="sequence_dropout")(words)
    of_terms = layers.Dense(n_outputs, name="scores_of_terms")(terms)
    of_words = layers.Dense(n_outputs, name="scores_of_words")(words)
    scores = joined([of_terms, of_words], serving=serving)
    return keras.Model({"term_ids": term_ids, "term_weights": term_weights, "word_ids": word_ids}, scores)
