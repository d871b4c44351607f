"""
Bag of words and characters: word n-grams and the character n-grams within words, weighted by rarity.

The weight of a term is its smoothed inverse document frequency, as in scikit-learn's TfidfTransformer. Word terms and
character terms of a text each have length 1 (Euclidean): there are many times more of the latter, and in one length
they drown the words. Order beyond the n-grams is not seen. The network sums a vector per term.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Annotated, Any, Final, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from ..text.vocabulary import Vocabulary
from .bow_terms import (
    BowFeaturesConfig,
    Learned,
    character_terms,
    ids_of_characters,
    learned,
    learned_further,
    word_terms,
)
from .contract import Encoding, Extension, Family, Features, State
from .model_config import Fraction, ModelConfig

_CACHED_WORDS: Final = 20_000
_LONGEST_CACHED: Final = 40
_BYTES_OF_A_WORD: Final = 250  # measured, with its ids and what the cache itself needs
_FIRST_ID: Final = 1  # 0 pads


class BowNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network above the bag."""

    bag_size: Annotated[int, Meta(ge=1, le=4_096)] = 192
    """Numbers that a text is summed up in."""
    term_dropout: Fraction = 0.5
    """Share of a text's terms that a step of training leaves out."""
    dropout: Fraction = 0.5


class BowConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `bow` model."""

    family: str = "bow"
    features: BowFeaturesConfig = BowFeaturesConfig()
    network: BowNetworkConfig = BowNetworkConfig()


class BowFeatures(Features[BowConfig]):
    """Terms of a text as ids and weights, each of shape (n_terms,): word terms first, then character terms."""

    zeros_may_fill = frozenset({"ids", "weights"})

    def __init__(
        self, config: BowConfig, words: Vocabulary, characters: Vocabulary, rarity: NDArray[np.float32]
    ) -> None:
        self.config, self.words, self.characters, self.rarity = config, words, characters, rarity
        self._analyzer = TextAnalyzer(config.text)
        # Words recur from text to text, and what one contributes never changes. Neither function knows this object:
        # a circle of references would keep a model that is done with in memory until the garbage collector comes by.
        self._look_up_characters = partial(ids_of_characters, config.features, characters.ids)
        self._remembered = lru_cache(maxsize=_CACHED_WORDS)(self._look_up_characters)

    @classmethod
    def learn(cls, config: BowConfig, inputs: Sequence[Input]) -> Self:
        """Learn the terms of the training texts and how rare each is."""
        analyzer = TextAnalyzer(config.text)
        texts = [analyzer.words(str(text)) for text in inputs]
        settings = config.features
        words = learned([word_terms(settings, text) for text in texts], settings, _FIRST_ID)
        characters = learned(_characters(settings, texts), settings, _FIRST_ID + len(words.vocabulary))
        of_padding = np.full(_FIRST_ID, np.log(1 + len(texts)) + 1)
        rarity = np.concatenate([of_padding, words.rarity, characters.rarity])
        return cls(config, words.vocabulary, characters.vocabulary, rarity.astype(np.float32))

    @classmethod
    def restore(cls, config: BowConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        words = Vocabulary(state["words"], first_id=_FIRST_ID)
        characters = Vocabulary(state["characters"], first_id=_FIRST_ID + len(words))
        rarity = np.frombuffer(state["rarity"], dtype="<f4").astype(np.float32)
        if len(rarity) != characters.first_id + len(characters):
            raise ValueError(f"{len(words)} + {len(characters)} terms with {len(rarity)} weights")
        return cls(config, words, characters, rarity)

    def extended(self, inputs: Sequence[Input], added: Sequence[Input]) -> Extension[Self]:
        """Append terms; how rare those are that were known stays what it was."""
        settings = self.config.features
        texts = [self._analyzer.words(str(model_input)) for model_input in inputs]
        of_added = [self._analyzer.words(str(model_input)) for model_input in added]
        middle, end = self.characters.first_id, self.n_ids
        words = learned_further(
            Learned(self.words, self.rarity[_FIRST_ID:middle]),
            [word_terms(settings, text) for text in texts],
            [word_terms(settings, text) for text in of_added],
            settings,
            _FIRST_ID,
        )
        characters = learned_further(
            Learned(self.characters, self.rarity[middle:]),
            _characters(settings, texts),
            _characters(settings, of_added),
            settings,
            _FIRST_ID + len(words.vocabulary),
        )
        rarity = np.concatenate([self.rarity[:_FIRST_ID], words.rarity, characters.rarity]).astype(np.float32)
        features = type(self)(self.config, words.vocabulary, characters.vocabulary, rarity)
        origins = np.full(features.n_ids, -1, dtype=np.int64)
        origins[:middle] = range(middle)
        new_middle = features.characters.first_id
        origins[new_middle : new_middle + end - middle] = range(middle, end)
        return Extension(features, {"terms": origins}, words.n_left_out + characters.n_left_out)

    def state(self) -> State:
        """Give the terms in id order and their rarity as little-endian float32."""
        return {
            "words": list(self.words.terms),
            "characters": list(self.characters.terms),
            "rarity": self.rarity.astype("<f4").tobytes(),
        }

    @property
    def n_ids(self) -> int:
        """Count the ids, padding among them."""
        return len(self.rarity)

    def encode(self, model_input: Input) -> Encoding | None:
        """Give the ids (int32) and weights (float32) of the known terms, a term as often as it stands."""
        return self.encode_words(self._analyzer.words(str(model_input)))

    def encode_words(self, words: Sequence[str]) -> Encoding | None:
        """Give the same of a text that was taken apart already."""
        find = self.words.ids.get
        of_words = [number for term in word_terms(self.config.features, words) if (number := find(term)) is not None]
        # joined as bytes: that takes half as long as to join a dozen short arrays
        joined = array("i", of_words).tobytes() + b"".join([self._characters_of(word) for word in words])
        if not joined:
            return None
        ids = np.frombuffer(joined, dtype=np.int32)
        weights = self.rarity.take(ids)
        for part in (weights[: len(of_words)], weights[len(of_words) :]):
            if len(part):
                part *= 1 / math.sqrt(part.dot(part))  # noqa: PLW2901 - a view: this writes to `weights`
        return {"ids": ids, "weights": weights}

    @property
    def remembered_bytes(self) -> int:
        """Count the words that are remembered."""
        return self._remembered.cache_info().currsize * _BYTES_OF_A_WORD + self._analyzer.remembered_bytes

    def probe(self) -> Encoding:
        """Give the last id there is."""
        return {"ids": np.array([self.n_ids - 1], dtype=np.int32), "weights": np.ones(1, dtype=np.float32)}

    def _characters_of(self, word: str) -> bytes:
        # what is longer than any word is not kept, so that nobody can fill the memory with it
        return self._remembered(word) if len(word) <= _LONGEST_CACHED else self._look_up_characters(word)


def _characters(settings: BowFeaturesConfig, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[term for word in text for term in character_terms(settings, word)] for text in texts]


FAMILY = Family("bow", BowConfig, BowFeatures)
