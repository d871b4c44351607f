"""
Words in order through a bidirectional LSTM, pooled by attention.

A word that was not learned is known by its unknown-word id; a text of such words only is not known at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import msgspec
import numpy as np

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from ..text.vocabulary import Vocabulary
from .contract import Encoding, Family, Features, State
from .model_config import Count, Fraction, ModelConfig, TrainingConfig

UNKNOWN_ID: Final = 1
_FIRST_ID: Final = 2  # 0 pads, 1 is any unknown word


class SequenceFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which words are told apart."""

    min_count: Count = 1
    """A word must stand in this many training texts."""
    max_words: Count = 20_000
    longest_text: Count = 200
    """Words beyond this many are not read."""


class LstmAttentionNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network above the words."""

    embedding_size: Count = 64
    lstm_size: Count = 64
    """In each direction."""
    dropout: Fraction = 0.4
    word_dropout: Fraction = 0.1
    """Share of words that training replaces by the unknown word, so that it learns what to do with one."""


class LstmAttentionConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `lstm_attention` model."""

    family: str = "lstm_attention"
    features: SequenceFeaturesConfig = SequenceFeaturesConfig()
    network: LstmAttentionNetworkConfig = LstmAttentionNetworkConfig()
    training: TrainingConfig = TrainingConfig(learning_rate=0.01, label_smoothing=0.1)


class SequenceFeatures(Features[LstmAttentionConfig]):
    """Words of a text as ids of shape (n_words,)."""

    def __init__(self, config: LstmAttentionConfig, vocabulary: Vocabulary) -> None:
        self.config, self.vocabulary = config, vocabulary
        self._analyzer = TextAnalyzer(config.text)

    @classmethod
    def learn(cls, config: LstmAttentionConfig, inputs: Sequence[Input]) -> Self:
        """Learn the words of the training texts."""
        analyzer = TextAnalyzer(config.text)
        vocabulary = Vocabulary.learn(
            (analyzer.words(str(text)) for text in inputs),
            min_count=config.features.min_count,
            max_terms=config.features.max_words,
            first_id=_FIRST_ID,
        )
        return cls(config, vocabulary)

    @classmethod
    def restore(cls, config: LstmAttentionConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        return cls(config, Vocabulary(state["words"], first_id=_FIRST_ID))

    def state(self) -> State:
        """Give the words in id order."""
        return {"words": list(self.vocabulary.terms)}

    @property
    def n_ids(self) -> int:
        """Count the ids, padding and the unknown word among them."""
        return len(self.vocabulary) + _FIRST_ID

    def encode(self, model_input: Input) -> Encoding | None:
        """Give the ids (int32) of the words in order."""
        words = self._analyzer.words(str(model_input))[: self.config.features.longest_text]
        find = self.vocabulary.ids.get
        ids = np.array([find(word, UNKNOWN_ID) for word in words], dtype=np.int32)
        return {"ids": ids} if np.any(ids != UNKNOWN_ID) else None

    def probe(self) -> Encoding:
        """Give the last id there is."""
        return {"ids": np.array([self.n_ids - 1], dtype=np.int32)}


FAMILY = Family("lstm_attention", LstmAttentionConfig, SequenceFeatures)
