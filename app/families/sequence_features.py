"""
Words in order: what the families that read a text as a sequence have in common.

A word that was not learned is known by its ending where words with that ending were, as in "##ing", and by the
unknown-word id where not. A text of unknown words only is not known at all.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from ..text.vocabulary import Vocabulary
from .contract import Encoding, Extension, Features, State
from .model_config import Fraction, ModelConfig

_UNKNOWN_ID: Final = 1
_FIRST_ID: Final = 2  # 0 pads, 1 is any unknown word
_ENDING_LETTERS: Final = 3
_ENDING_WORDS: Final = 2  # an ending of fewer words says nothing about others
_MARK: Final = "\x00"  # before an ending, so that it is no word


class SequenceFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which words are told apart."""

    min_count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """A word must stand in this many training texts."""
    max_words: Annotated[int, Meta(ge=1, le=500_000)] = 12_000
    longest_text: Annotated[int, Meta(ge=1, le=10_000)] = 200
    """Words beyond this many are not read."""


class SequenceNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network above the words."""

    embedding_size: Annotated[int, Meta(ge=1, le=1_024)] = 96
    lstm_size: Annotated[int, Meta(ge=1, le=1_024)] = 96
    """In each direction."""
    dropout: Fraction = 0.5
    word_dropout: Fraction = 0.15
    """Share of words that training replaces by what an unknown one would be, so that it learns what to do with one."""


class SequenceConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the configurations of the families of word sequences share."""

    features: SequenceFeaturesConfig = SequenceFeaturesConfig()
    network: SequenceNetworkConfig = SequenceNetworkConfig()


class SequenceFeatures(Features[SequenceConfig]):
    """Words of a text as ids of shape (n_words,): padding, unknown, words, endings."""

    def __init__(self, config: SequenceConfig, words: Vocabulary, endings: Vocabulary) -> None:
        self.config, self.words, self.endings = config, words, endings
        self._analyzer = TextAnalyzer(config.text)

    @classmethod
    def learn(cls, config: SequenceConfig, inputs: Sequence[Input]) -> Self:
        """Learn the words of the training texts, and the endings that several of them share."""
        analyzer = TextAnalyzer(config.text)
        words = Vocabulary.learn(
            (analyzer.words(str(text)) for text in inputs),
            min_count=config.features.min_count,
            max_terms=config.features.max_words,
            first_id=_FIRST_ID,
        )
        endings = Vocabulary.learn(
            ([_ending(word)] for word in words.terms if len(word) > _ENDING_LETTERS),
            min_count=_ENDING_WORDS,
            max_terms=config.features.max_words,
            first_id=_FIRST_ID + len(words),
        )
        return cls(config, words, endings)

    @classmethod
    def restore(cls, config: SequenceConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        words = Vocabulary(state["words"], first_id=_FIRST_ID)
        return cls(config, words, Vocabulary(state["endings"], first_id=_FIRST_ID + len(words)))

    def extended(self, inputs: Sequence[Input], added: Sequence[Input]) -> Extension[Self]:
        """Append words, which begin as what they were when they were unknown, and endings that several now share."""
        settings = self.config.features
        words, n_left_out = self.words.grown(
            (self._analyzer.words(str(text)) for text in inputs),
            [self._analyzer.words(str(text)) for text in added],
            min_count=settings.min_count,
            max_terms=settings.max_words,
            first_id=_FIRST_ID,
        )
        fresh = words.terms[len(self.words) :]
        endings, _ = self.endings.grown(
            ([_ending(word)] for word in words.terms if len(word) > _ENDING_LETTERS),
            [[_ending(word)] for word in fresh if len(word) > _ENDING_LETTERS],
            min_count=_ENDING_WORDS,
            max_terms=settings.max_words,
            first_id=_FIRST_ID + len(words),
        )
        origins = [
            *range(_FIRST_ID + len(self.words)),
            *(self._unknown(word) for word in fresh),
            *range(self.endings.first_id, self.n_ids),
            *[_UNKNOWN_ID] * (len(endings) - len(self.endings)),
        ]
        features = type(self)(self.config, words, endings)
        return Extension(features, {"words": np.array(origins, dtype=np.int64)}, n_left_out)

    def state(self) -> State:
        """Give the words and the endings in id order."""
        return {"words": list(self.words.terms), "endings": list(self.endings.terms)}

    @property
    def n_ids(self) -> int:
        """Count the ids, padding and the unknown word among them."""
        return len(self.endings) + len(self.words) + _FIRST_ID

    def stand_ins(self) -> NDArray[np.int32]:
        """Give for each id (n_ids,) what its word would be if it were unknown; padding stays padding."""
        of_words = [self._unknown(word) for word in self.words.terms]
        own = range(self.endings.first_id, self.n_ids)
        return np.array([0, _UNKNOWN_ID, *of_words, *own], dtype=np.int32)

    def encode(self, model_input: Input) -> Encoding | None:
        """Give the ids (int32) of the words in order."""
        return self.encode_words(self._analyzer.words(str(model_input)))

    def encode_words(self, words: Sequence[str]) -> Encoding | None:
        """Give the same of a text that was taken apart already."""
        find = self.words.ids.get
        ids = [find(word) or self._unknown(word) for word in words[: self.config.features.longest_text]]
        if all(number == _UNKNOWN_ID for number in ids):
            return None
        return {"ids": np.array(ids, dtype=np.int32)}

    @property
    def remembered_bytes(self) -> int:
        """Give what stemming remembers."""
        return self._analyzer.remembered_bytes

    def probe(self) -> Encoding:
        """Give the last id there is."""
        return {"ids": np.array([self.n_ids - 1], dtype=np.int32)}

    def _unknown(self, word: str) -> int:
        return self.endings.ids.get(_ending(word), _UNKNOWN_ID) if len(word) > _ENDING_LETTERS else _UNKNOWN_ID


def _ending(word: str) -> str:
    return _MARK + word[-_ENDING_LETTERS:]
