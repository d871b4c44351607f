"""
Bag of words and characters: word n-grams and the character n-grams within words, weighted by rarity.

The weight of a term is its smoothed inverse document frequency, as in scikit-learn's TfidfTransformer; the weights of
a text have length 1 (Euclidean). Order beyond the n-grams is not seen. The network sums an embedding per term.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from ..text.ngrams import character_ngrams, word_ngrams
from ..text.vocabulary import Vocabulary
from .contract import Encoding, Family, Features, State
from .model_config import Count, Fraction, ModelConfig, TrainingConfig

_CACHED_WORDS: Final = 20_000
_FIRST_ID: Final = 1  # 0 pads


class BowFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which terms are counted."""

    word_ngrams: Annotated[int, Meta(ge=1, le=3)] = 2
    """Runs of one word up to this many."""
    shortest_characters: Annotated[int, Meta(ge=1, le=8)] = 2
    longest_characters: Annotated[int, Meta(ge=0, le=8)] = 5
    """Runs of characters within a word, its ends marked; 0 for none."""
    min_count: Count = 2
    """A term must stand in this many training texts (in fewer where there are few texts)."""
    max_terms: Count = 40_000


class BowNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network above the bag."""

    embedding_size: Count = 64
    dropout: Fraction = 0.3


class BowConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `bow` model."""

    family: str = "bow"
    features: BowFeaturesConfig = BowFeaturesConfig()
    network: BowNetworkConfig = BowNetworkConfig()
    training: TrainingConfig = TrainingConfig(learning_rate=0.01)


class BowFeatures(Features[BowConfig]):
    """Terms of a text as ids and weights, each of shape (n_terms,)."""

    def __init__(self, config: BowConfig, vocabulary: Vocabulary, rarity: NDArray[np.float32]) -> None:
        self.config, self.vocabulary, self.rarity = config, vocabulary, rarity
        self._analyzer = TextAnalyzer(config.text)
        # Words recur from text to text; what one contributes never changes.
        self._terms_of_word = lru_cache(maxsize=_CACHED_WORDS)(self._look_up_word)

    @classmethod
    def learn(cls, config: BowConfig, inputs: Sequence[Input]) -> Self:
        """Learn the terms of the training texts and how rare each is."""
        analyzer = TextAnalyzer(config.text)
        terms = [list(_terms(config.features, analyzer.words(str(text)))) for text in inputs]
        vocabulary = Vocabulary.learn(
            terms,
            min_count=min(config.features.min_count, max(1, len(inputs) // 10)),
            max_terms=config.features.max_terms,
            first_id=_FIRST_ID,
        )
        counts = np.zeros(len(vocabulary) + _FIRST_ID)
        for text in terms:
            counts[[vocabulary.ids[term] for term in set(text) if term in vocabulary.ids]] += 1
        rarity = np.log((1 + len(inputs)) / (1 + counts)) + 1
        rarity[:_FIRST_ID] = 0
        return cls(config, vocabulary, rarity.astype(np.float32))

    @classmethod
    def restore(cls, config: BowConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        vocabulary = Vocabulary(state["terms"], first_id=_FIRST_ID)
        rarity = np.frombuffer(state["rarity"], dtype="<f4").astype(np.float32)
        if len(rarity) != len(vocabulary) + _FIRST_ID:
            raise ValueError(f"{len(vocabulary)} terms with {len(rarity)} weights")
        return cls(config, vocabulary, rarity)

    def state(self) -> State:
        """Give the terms in id order and their rarity as little-endian float32."""
        return {"terms": list(self.vocabulary.terms), "rarity": self.rarity.astype("<f4").tobytes()}

    def encode(self, model_input: Input) -> Encoding | None:
        """Give the ids (int32) and weights (float32, length 1) of the known terms, a term as often as it stands."""
        words = self._analyzer.words(str(model_input))
        if not words:
            return None
        find = self.vocabulary.ids.get
        runs = [
            number
            for n in range(2, self.config.features.word_ngrams + 1)
            for term in word_ngrams(words, n)
            if (number := find(term)) is not None
        ]
        ids = np.concatenate([*map(self._terms_of_word, words), np.array(runs, dtype=np.int32)])
        if not len(ids):
            return None
        weights = self.rarity[ids]
        weights /= np.sqrt(weights.dot(weights))
        return {"ids": ids, "weights": weights}

    def _look_up_word(self, word: str) -> NDArray[np.int32]:
        find = self.vocabulary.ids.get
        terms = _terms_of_word(self.config.features, word)
        return np.array([number for term in terms if (number := find(term)) is not None], dtype=np.int32)


def _terms_of_word(config: BowFeaturesConfig, word: str) -> list[str]:
    if not config.longest_characters:
        return [word]
    return [word, *character_ngrams(word, config.shortest_characters, config.longest_characters)]


def _terms(config: BowFeaturesConfig, words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from _terms_of_word(config, word)
    for n in range(2, config.word_ngrams + 1):
        yield from word_ngrams(words, n)


FAMILY = Family("bow", BowConfig, BowFeatures)
