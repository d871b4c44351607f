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
from typing import Annotated, Any, Final, NamedTuple, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from ..text.ngrams import character_ngrams, word_ngrams
from ..text.vocabulary import Vocabulary
from .contract import Encoding, Family, Features, State
from .model_config import Fraction, ModelConfig

_CACHED_WORDS: Final = 20_000
_LONGEST_CACHED: Final = 40
_BYTES_OF_A_WORD: Final = 250  # measured, with its ids and what the cache itself needs
_FIRST_ID: Final = 1  # 0 pads
_MANY_TEXTS: Final = 2_000  # among fewer, a term of one text may be all that there is to learn from


class BowFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which terms are counted."""

    word_ngrams: Annotated[int, Meta(ge=1, le=3)] = 2
    """Runs of one word up to this many."""
    shortest_characters: Annotated[int, Meta(ge=1, le=8)] = 2
    longest_characters: Annotated[int, Meta(ge=0, le=8)] = 4
    """Runs of characters within a word, its ends marked; 0 for none."""
    min_count: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """A term must stand in this many training texts; absent: 1, and 2 from 2,000 texts on."""
    max_terms: Annotated[int, Meta(ge=1, le=500_000)] = 5_000
    """Of words and of characters each, at the most: the most frequent ones."""

    def __post_init__(self) -> None:
        """Refuse runs of characters that cannot be."""
        if 0 < self.longest_characters < self.shortest_characters:
            raise ValueError("longest_characters is less than shortest_characters; 0 is for none")


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

    def __init__(
        self, config: BowConfig, words: Vocabulary, characters: Vocabulary, rarity: NDArray[np.float32]
    ) -> None:
        self.config, self.words, self.characters, self.rarity = config, words, characters, rarity
        self._analyzer = TextAnalyzer(config.text)
        # Words recur from text to text, and what one contributes never changes. Neither function knows this object:
        # a circle of references would keep a model that is done with in memory until the garbage collector comes by.
        self._look_up_characters = partial(_ids_of_characters, config.features, characters.ids)
        self._remembered = lru_cache(maxsize=_CACHED_WORDS)(self._look_up_characters)

    @classmethod
    def learn(cls, config: BowConfig, inputs: Sequence[Input]) -> Self:
        """Learn the terms of the training texts and how rare each is."""
        analyzer = TextAnalyzer(config.text)
        texts = [analyzer.words(str(text)) for text in inputs]
        settings = config.features
        words = _learned([_word_terms(settings, text) for text in texts], settings, _FIRST_ID)
        characters = _learned(
            [[term for word in text for term in _character_terms(settings, word)] for text in texts],
            settings,
            _FIRST_ID + len(words.vocabulary),
        )
        counts = np.concatenate([np.zeros(_FIRST_ID), words.counts, characters.counts])
        rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
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
        of_words = [number for term in _word_terms(self.config.features, words) if (number := find(term)) is not None]
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


class _Learned(NamedTuple):
    vocabulary: Vocabulary
    counts: NDArray[np.float64]
    """Texts that each term stands in."""


def _learned(texts: Sequence[Sequence[str]], settings: BowFeaturesConfig, first_id: int) -> _Learned:
    vocabulary = Vocabulary.learn(
        texts,
        min_count=settings.min_count or (1 if len(texts) < _MANY_TEXTS else 2),
        max_terms=settings.max_terms,
        first_id=first_id,
    )
    counts = np.zeros(len(vocabulary))
    for text in texts:
        counts[[vocabulary.ids[term] - first_id for term in set(text) if term in vocabulary.ids]] += 1
    return _Learned(vocabulary, counts)


def _word_terms(settings: BowFeaturesConfig, words: Sequence[str]) -> list[str]:
    return [term for n in range(1, settings.word_ngrams + 1) for term in word_ngrams(words, n)]


def _ids_of_characters(settings: BowFeaturesConfig, ids: Mapping[str, int], word: str) -> bytes:
    """Give the ids of the word's known terms as int32 of this machine."""
    terms = _character_terms(settings, word)
    return array("i", [number for term in terms if (number := ids.get(term)) is not None]).tobytes()


def _character_terms(settings: BowFeaturesConfig, word: str) -> list[str]:
    if not settings.longest_characters:
        return []
    return character_ngrams(word, settings.shortest_characters, settings.longest_characters)


FAMILY = Family("bow", BowConfig, BowFeatures)
