"""
Classical classifiers on the features of `bow`: a linear support vector machine and its peers.

They are fitted in seconds, on a processor that need not be quick, and are hard to beat where examples are few. Of
`training` they heed the seed, the split and the class weights; the rest of it is about networks.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .bow import BowFeatures
from .bow_terms import BowFeaturesConfig
from .contract import Family
from .model_config import ModelConfig


class ClassicalNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which classifier; each heeds the settings that name it."""

    classifier: Literal["linear_svm", "logistic_regression", "naive_bayes", "forest"] = "linear_svm"
    """`forest` is one of extremely randomised trees: ten times larger than the others, and slower."""
    regularization: Annotated[float, Meta(ge=0.0001, le=1_000.0)] | None = None
    """scikit-learn's C: less of it is a simpler model; absent: 1 for `linear_svm`, 20 for `logistic_regression`."""
    smoothing: Annotated[float, Meta(ge=0.0001, le=100.0)] = 0.05
    """What `naive_bayes` adds to every term's sum in every intent, so that none is impossible."""
    trees: Annotated[int, Meta(ge=1, le=500)] = 50
    """Of `forest`."""
    smallest_leaf: Annotated[int, Meta(ge=1, le=1_000)] = 2
    """Examples that each side of a split must have, in `forest`."""


class ClassicalConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `classical` model."""

    family: str = "classical"
    features: BowFeaturesConfig = BowFeaturesConfig(min_count=1, max_terms=8_000)
    network: ClassicalNetworkConfig = ClassicalNetworkConfig()


FAMILY = Family("classical", ClassicalConfig, BowFeatures)
