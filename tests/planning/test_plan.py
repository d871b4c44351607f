"""A plan says what is trained from which data, or what in its file or flags makes no sense, and where."""

from pathlib import Path
from typing import Any

import pytest

from app.data.reader import DataFormat
from app.domain.configuration_errors import UnknownKeyError
from app.domain.errors import ConfigurationError, InvalidModelNameError, InvalidValueError
from app.planning.plan import TrainingPlan, make_plan, override, read_plan_file

ROOT = Path("/project")


def planned(**given: Any) -> TrainingPlan:
    return make_plan("shop", {"data": "train.tsv", **given}, ROOT, "config/models/shop.yaml")


def test_data_alone_make_a_plan_of_defaults():
    plan = planned()

    assert (plan.name, plan.data, plan.test) == ("shop", ROOT / "train.tsv", None)
    assert (plan.data_format, plan.header, plan.config.family) == (DataFormat.AUTO, None, "bow")


def test_paths_start_from_the_root_unless_they_are_absolute():
    plan = planned(data="data/train.csv", test="/elsewhere/test.csv")

    assert plan.data == ROOT / "data" / "train.csv"
    assert plan.test == Path("/elsewhere/test.csv")


def test_how_data_are_read_is_no_hyper_parameter():
    plan = planned(format="csv", header=False, test="test.csv")

    assert (plan.data_format, plan.header) == (DataFormat.CSV, False)
    assert plan.config == planned().config


def test_hyper_parameters_are_those_of_the_family():
    plan = planned(family="lstm_attention", network={"lstm_size": 8}, training={"seed": 3})

    assert (plan.config.family, plan.config.training.seed) == ("lstm_attention", 3)


@pytest.mark.parametrize("name", ["../evil", "", "a/b", ".x", "a" * 65])
def test_a_name_that_no_model_can_have_is_refused(name):
    with pytest.raises(InvalidModelNameError):
        make_plan(name, {"data": "train.tsv"}, ROOT, "flags")


@pytest.mark.parametrize("given", [{}, {"data": None}, {"data": ""}])
def test_a_plan_without_data_is_refused(given):
    with pytest.raises(InvalidValueError, match=r"^shop\.yaml: no training data: set `data`$"):
        make_plan("shop", given, ROOT, "shop.yaml")


def test_an_unknown_family_is_refused_with_those_there_are():
    with pytest.raises(InvalidValueError, match=r"there is no family 'bwo'; there are bow, "):
        planned(family="bwo")


@pytest.mark.parametrize("family", [None, 7, ["bow"], {"name": "bow"}])
def test_a_family_that_is_no_name_is_refused(family):
    with pytest.raises(InvalidValueError, match=r"^family: there is no family "):
        planned(family=family)


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("famly", "family"),
        ("trainin", "training"),
        ("min_confidense", "min_confidence"),
        # keys about data are as known as those about the model
        ("dat", "data"),
        ("tests", "test"),
        ("fromat", "format"),
        ("headr", "header"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(key, nearest):
    with pytest.raises(UnknownKeyError) as refusal:
        planned(**{key: "x"})

    assert str(refusal.value) == f"config/models/shop.yaml: unknown key {key!r}; did you mean {nearest!r}?"


@pytest.mark.parametrize(
    ("key", "value"), [("data", 5), ("test", ["a", "b"]), ("format", "xlsx"), ("header", "perhaps"), ("header", 3)]
)
def test_a_value_about_data_that_makes_no_sense_is_refused_by_its_key(key, value):
    with pytest.raises(InvalidValueError, match=rf"^config/models/shop\.yaml: .*\$\.{key}"):
        planned(**{key: value})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("family", {"family": 1, "training": {"seed": 7, "epochs": 5}}),
        ("training.seed", {"family": "bow", "training": {"seed": 1, "epochs": 5}}),
        ("training.patience", {"family": "bow", "training": {"seed": 7, "epochs": 5, "patience": 1}}),
        ("a.b.c", {"family": "bow", "training": {"seed": 7, "epochs": 5}, "a": {"b": {"c": 1}}}),
    ],
)  # fmt: skip
def test_setting_a_key_changes_it_and_nothing_beside_it(key, expected):
    given = {"family": "bow", "training": {"seed": 7, "epochs": 5}}

    assert override(given, key, 1) == expected
    assert given == {"family": "bow", "training": {"seed": 7, "epochs": 5}}


def test_setting_a_key_below_a_value_is_refused():
    with pytest.raises(ConfigurationError, match=r"^--set family\.name: family is a value, not a group of keys$"):
        override({"family": "bow"}, "family.name", 1)


def test_a_plan_file_is_read_as_it_stands(tmp_path):
    (tmp_path / "shop.yaml").write_text("# a shop\nfamily: bow\ntraining: {epochs: 3}\nheader: yes\n")

    assert read_plan_file(tmp_path / "shop.yaml") == {"family": "bow", "training": {"epochs": 3}, "header": True}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "expected keys and values"),
        (b"- bow\n", "expected keys and values"),
        (b"bow", "expected keys and values"),
        (b"7: x", "expected keys and values"),
        (b"family: [bow", "not YAML: "),
        (b"family: \xff", "not YAML: "),
        (b"a: &x [*x", "not YAML: "),
        (b"x: !!python/object/apply:os.getcwd []", "not YAML: "),
    ],
)
def test_a_plan_file_that_is_not_keys_and_values_is_refused_in_one_line(tmp_path, content, sentence):
    path = tmp_path / "shop.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError) as refusal:
        read_plan_file(path)

    assert str(refusal.value).startswith(f"{path}: {sentence}")
    assert "\n" not in str(refusal.value)


def test_a_plan_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"shop\.yaml: cannot be read: No such file or directory$"):
        read_plan_file(tmp_path / "shop.yaml")
