"""Which terms a bag of words and characters counts, and how they are learned."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..text.ngrams import character_ngrams, word_ngrams
from ..text.vocabulary import Vocabulary

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


class Learned(NamedTuple):
    """Terms, and how rare each is."""

    vocabulary: Vocabulary
    rarity: NDArray[np.floating[Any]]
    n_left_out: int = 0
    """Terms that there was no room for where some were known before."""


def learned(texts: Sequence[Sequence[str]], settings: BowFeaturesConfig, first_id: int) -> Learned:
    """Learn the terms of texts."""
    vocabulary = Vocabulary.learn(
        texts, min_count=_min_count(settings, len(texts)), max_terms=settings.max_terms, first_id=first_id
    )
    return Learned(vocabulary, _rarity(vocabulary, texts))


def learned_further(
    known: Learned,
    texts: Sequence[Sequence[str]],
    added: Sequence[Sequence[str]],
    settings: BowFeaturesConfig,
    first_id: int,
) -> Learned:
    """Append the terms of texts that were added; how rare the known ones are is left as it was."""
    vocabulary, n_left_out = known.vocabulary.grown(
        texts, added, min_count=_min_count(settings, len(texts)), max_terms=settings.max_terms, first_id=first_id
    )
    rarity = np.concatenate([known.rarity, _rarity(vocabulary, texts)[len(known.rarity) :]])
    return Learned(vocabulary, rarity, n_left_out)


def _min_count(settings: BowFeaturesConfig, n_texts: int) -> int:
    return settings.min_count or (1 if n_texts < _MANY_TEXTS else 2)


def _rarity(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    counts = np.zeros(len(vocabulary))
    for text in texts:
        counts[[vocabulary.ids[term] - vocabulary.first_id for term in set(text) if term in vocabulary.ids]] += 1
    return np.log((1 + len(texts)) / (1 + counts)) + 1


def word_terms(settings: BowFeaturesConfig, words: Sequence[str]) -> list[str]:
    """Give the runs of words of a text."""
    return [term for n in range(1, settings.word_ngrams + 1) for term in word_ngrams(words, n)]


def ids_of_characters(settings: BowFeaturesConfig, ids: Mapping[str, int], word: str) -> bytes:
    """Give the ids of the word's known terms as int32 of this machine."""
    terms = character_terms(settings, word)
    return array("i", [number for term in terms if (number := ids.get(term)) is not None]).tobytes()


def character_terms(settings: BowFeaturesConfig, word: str) -> list[str]:
    """Give the runs of characters of a word."""
    if not settings.longest_characters:
        return []
    return character_ngrams(word, settings.shortest_characters, settings.longest_characters)
