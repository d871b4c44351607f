"""The bag of `bow` and the words in order of `lstm_attention`, side by side in one network."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec

from ..domain.example import Input
from ..text.analyzer import TextAnalyzer
from .bow import BowConfig, BowFeatures, BowNetworkConfig
from .bow_terms import BowFeaturesConfig
from .contract import Encoding, Extension, Family, Features, State
from .model_config import ModelConfig, TrainingConfig
from .sequence_features import SequenceConfig, SequenceFeatures, SequenceFeaturesConfig, SequenceNetworkConfig


class HybridFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What each side sees."""

    bag: BowFeaturesConfig = BowFeaturesConfig()
    sequence: SequenceFeaturesConfig = SequenceFeaturesConfig()


class HybridNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network of each side; each scores the intents, and the scores are averaged."""

    bag: BowNetworkConfig = BowNetworkConfig()
    sequence: SequenceNetworkConfig = SequenceNetworkConfig()


class HybridConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `hybrid` model."""

    family: str = "hybrid"
    features: HybridFeaturesConfig = HybridFeaturesConfig()
    network: HybridNetworkConfig = HybridNetworkConfig()
    training: TrainingConfig = TrainingConfig(label_smoothing=0.1)
    """Its label smoothing is that of the words' own loss."""


class HybridFeatures(Features[HybridConfig]):
    """Terms as `term_ids` and `term_weights` of shape (n_terms,), words as `word_ids` of shape (n_words,)."""

    zeros_may_fill = frozenset({"term_ids", "term_weights"})

    def __init__(self, config: HybridConfig, bag: BowFeatures, sequence: SequenceFeatures) -> None:
        self.config, self.bag, self.sequence = config, bag, sequence
        self._analyzer = TextAnalyzer(config.text)

    @classmethod
    def learn(cls, config: HybridConfig, inputs: Sequence[Input]) -> Self:
        """Learn terms and words."""
        return cls(
            config,
            BowFeatures.learn(_bag_side(config), inputs),
            SequenceFeatures.learn(_sequence_side(config), inputs),
        )

    @classmethod
    def restore(cls, config: HybridConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        return cls(
            config,
            BowFeatures.restore(_bag_side(config), state["bag"]),
            SequenceFeatures.restore(_sequence_side(config), state["sequence"]),
        )

    def extended(self, inputs: Sequence[Input], added: Sequence[Input]) -> Extension[Self]:
        """Append to both sides."""
        bag, sequence = self.bag.extended(inputs, added), self.sequence.extended(inputs, added)
        features = type(self)(self.config, bag.features, sequence.features)
        return Extension(features, {**bag.origins, **sequence.origins}, bag.n_left_out + sequence.n_left_out)

    def state(self) -> State:
        """Give the states of both sides."""
        return {"bag": self.bag.state(), "sequence": self.sequence.state()}

    def encode(self, model_input: Input) -> Encoding | None:
        """Give terms and words; None where either side knows nothing."""
        words = self._analyzer.words(str(model_input))
        of_bag, of_sequence = self.bag.encode_words(words), self.sequence.encode_words(words)
        if of_bag is None or of_sequence is None:
            return None
        return _joined(of_bag, of_sequence)

    @property
    def remembered_bytes(self) -> int:
        """Give what the bag and stemming remember."""
        return self.bag.remembered_bytes + self._analyzer.remembered_bytes

    def probe(self) -> Encoding:
        """Give the last ids there are."""
        return _joined(self.bag.probe(), self.sequence.probe())


def _bag_side(config: HybridConfig) -> BowConfig:
    return BowConfig(text=config.text, features=config.features.bag)


def _sequence_side(config: HybridConfig) -> SequenceConfig:
    return SequenceConfig(family=config.family, text=config.text, features=config.features.sequence)


def _joined(of_bag: Encoding, of_sequence: Encoding) -> Encoding:
    return {"term_ids": of_bag["ids"], "term_weights": of_bag["weights"], "word_ids": of_sequence["ids"]}


FAMILY = Family("hybrid", HybridConfig, HybridFeatures)
