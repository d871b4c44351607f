"""A configuration is complete, in range and understood to the last key, or refused with what is wrong and where."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from app.domain.configuration_errors import UnknownKeyError
from app.domain.errors import ConfigurationError, InvalidValueError
from app.families.bow import BowConfig
from app.families.catalogue import family_named, family_names
from app.families.lstm_attention import LstmAttentionConfig
from app.families.model_config import ModelConfig, resolve

every_family = pytest.mark.parametrize("config", [family_named(name).config for name in family_names()])


def resolved(given: Mapping[str, Any]) -> BowConfig:
    return resolve(BowConfig, given, "x.yaml")


@every_family
def test_nothing_given_means_the_defaults(config):
    assert resolve(config, {}, "x.yaml") == config()


@every_family
def test_the_defaults_of_a_family_are_within_its_own_ranges(config):
    # msgspec checks ranges of what it reads, not of what is written into a class
    assert resolve(config, msgspec.to_builtins(config()), "x.yaml") == config()


@every_family
def test_a_configuration_cannot_be_changed(config):
    with pytest.raises(AttributeError):
        config().training.seed = 8


def test_what_is_given_replaces_its_default_and_nothing_beside_it():
    config = resolved({"training": {"epochs": 3}, "min_confidence": 0.5})

    assert (config.training.epochs, config.min_confidence) == (3, 0.5)
    assert msgspec.structs.replace(config.training, epochs=None) == BowConfig().training
    assert config.network == BowConfig().network


def test_a_family_may_have_defaults_of_its_own_for_what_all_share():
    assert resolve(LstmAttentionConfig, {"training": {"epochs": 3}}, "x").training.label_smoothing == 0.1
    assert resolved({"training": {"epochs": 3}}).training.label_smoothing == 0.0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"trainin": {}}, "x.yaml: unknown key 'trainin'; did you mean 'training'?"),
        ({"min_confidnce": 1}, "x.yaml: unknown key 'min_confidnce'; did you mean 'min_confidence'?"),
        ({"training": {"epoch": 3}}, "x.yaml: training: unknown key 'epoch'; did you mean 'epochs'?"),
        ({"training": {"lr_rate": 1}}, "x.yaml: training: unknown key 'lr_rate'; did you mean 'learning_rate'?"),
        ({"network": {"dropuot": 0}}, "x.yaml: network: unknown key 'dropuot'; did you mean 'dropout'?"),
        ({"text": {"stemer": "none"}}, "x.yaml: text: unknown key 'stemer'; did you mean 'stemmer'?"),
        ({"text": {"qqq": 1}}, "x.yaml: text: unknown key 'qqq'; known are stemmer"),
        ({"network": {7: 1}}, "x.yaml: network: unknown key '7'; known are bag_size, dropout, term_dropout"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_where_it_stands_and_the_nearest_known_one(given, sentence):
    with pytest.raises(UnknownKeyError) as refusal:
        resolved(given)

    assert str(refusal.value) == sentence


def test_a_key_of_another_family_is_unknown():
    with pytest.raises(UnknownKeyError, match=r"network: unknown key 'lstm_size'"):
        resolved({"network": {"lstm_size": 64}})


@pytest.mark.parametrize("value", [5, None, "text", ["epochs"]])
def test_a_value_in_place_of_a_group_is_refused(value):
    with pytest.raises(InvalidValueError) as refusal:
        resolved({"training": value})

    assert str(refusal.value) == f"x.yaml: training: expected keys and values, got {value!r}"


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("training", "seed", -1),
        ("training", "seed", 2**31),
        ("training", "epochs", 0),
        ("training", "epochs", 1.5),
        ("training", "epochs", True),
        ("training", "epochs", "many"),
        ("training", "epochs", {"x": 1}),
        ("training", "patience", 0),
        ("training", "batch_size", 0),
        ("training", "learning_rate", 0.0),
        ("training", "learning_rate", 1.1),
        ("training", "learning_rate", math.nan),
        ("training", "learning_rate", "nan"),
        ("training", "learning_rate", math.inf),
        ("training", "validation_fraction", 0.6),
        ("training", "validation_fraction", -0.1),
        ("training", "class_weights", "heavy"),
        ("training", "label_smoothing", 1.0),
        ("training", "refit", "perhaps"),
        ("text", "stemmer", "snowball:klingon"),
        ("text", "stemmer", None),
        ("features", "word_ngrams", 0),
        ("features", "word_ngrams", 4),
        ("features", "longest_characters", 9),
        ("network", "dropout", 1.0),
        ("network", "bag_size", 0),
        ("network", "term_dropout", 1.0),
    ],
)
def test_a_value_out_of_its_range_is_refused_by_the_name_of_its_key(section, key, value):
    with pytest.raises(ConfigurationError, match=rf"\b{key}\b"):
        resolved({section: {key: value}})


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, "high", True, None])
def test_a_minimum_confidence_is_a_probability(value):
    with pytest.raises(InvalidValueError, match=r"min_confidence"):
        resolved({"min_confidence": value})


@pytest.mark.parametrize(
    ("section", "key", "given", "value"),
    [
        # YAML 1.1 reads 1e-3 as text, and what stands behind --set may be text too
        ("training", "learning_rate", "1e-3", 0.001),
        ("training", "learning_rate", "1", 1.0),
        ("training", "learning_rate", 1, 1.0),
        ("training", "epochs", "20", 20),
        ("training", "refit", "false", False),
        ("training", "seed", 0, 0),
        ("training", "seed", 2**31 - 1, 2**31 - 1),
        ("training", "validation_fraction", 0, 0.0),
        ("training", "validation_fraction", 0.5, 0.5),
        ("features", "longest_characters", 0, 0),
        ("text", "stemmer", "snowball:english", "snowball:english"),
    ],
)
def test_a_value_at_the_edge_of_its_range_or_written_as_text_is_taken(section, key, given, value):
    found = getattr(getattr(resolved({section: {key: given}}), section), key)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["epochs", "batch_size"])
def test_what_goes_by_the_number_of_examples_may_be_left_open_or_set(key):
    assert getattr(resolved({"training": {key: None}}).training, key) is None
    assert getattr(resolved({"training": {key: 5}}).training, key) == 5


def test_runs_of_characters_that_end_before_they_begin_are_refused():
    with pytest.raises(InvalidValueError, match=r"longest_characters is less than shortest_characters"):
        resolved({"features": {"shortest_characters": 4, "longest_characters": 3}})


def test_a_family_of_two_sides_is_configured_side_by_side():
    config = resolve(family_named("hybrid").config, {"network": {"bag": {"bag_size": 8}}}, "x")

    network: Any = config.network  # type: ignore[attr-defined]  # what a family adds
    assert (network.bag.bag_size, network.bag.dropout) == (8, 0.5)
    assert network.sequence == family_named("hybrid").config().network.sequence  # type: ignore[attr-defined,call-arg]


def test_every_family_has_what_all_share():
    for name in family_names():
        config = family_named(name).config
        assert issubclass(config, ModelConfig)
        assert {"family", "text", "training", "min_confidence", "keep_dataset"} < set(config.__struct_fields__)
