"""What a command asks for replaces what a configuration says, along with what only meant something beside it."""

from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.training import Training, wire_training
from app.domain.configuration_errors import UnknownKeyError
from app.families.catalogue import family_named
from app.planning.auto_config import AutoConfig
from app.settings import load_settings


@pytest.fixture
def project(tmp_path: Path, tiny_data: Path):
    """A project of one model, `m`, configured as said."""

    def configured(text: str) -> Training:
        (tmp_path / "config" / "models").mkdir(parents=True)
        (tmp_path / "config" / "models" / "m.yaml").write_text(f"data: {tiny_data}\n{text}")
        return wire_training(load_settings(tmp_path, environment={}), tmp_path)

    return configured


def config_of(training: Training, *sets: tuple[str, Any], **changes: Any) -> Any:
    return training.check("m", changes, sets, training.root).config


BOW = "family: bow\nfeatures: {max_terms: 70}\nnetwork: {bag_size: 8}\ntraining: {epochs: 3}\n"
AUTO = "family: auto\nsearch: {budget_s: 10}\ntraining: {seed: 3}\n"


@pytest.mark.parametrize("text", [BOW, AUTO])
@pytest.mark.parametrize("family", ["classical", "hybrid", "lstm"])
def test_what_was_set_for_one_family_is_not_taken_for_another(project, text, family):
    assert config_of(project(text), family=family) == family_named(family).config()  # type: ignore[call-arg]  # has a default


def test_what_was_set_for_a_family_is_not_taken_for_the_race(project):
    assert config_of(project(BOW), family="auto") == AutoConfig()


def test_what_all_families_have_in_common_is_kept_with_another(project):
    config = config_of(project(f"{AUTO}min_confidence: 0.6\ntext: {{stemmer: lancaster}}\n"), family="bow")

    assert (config.min_confidence, config.text.stemmer) == (0.6, "lancaster")


@pytest.mark.parametrize(("text", "family"), [(BOW, "bow"), (AUTO, "auto")])
def test_the_family_of_the_configuration_asked_for_by_name_changes_nothing(project, text, family):
    training = project(text)

    assert config_of(training, family=family) == config_of(training)


def test_a_key_of_another_family_that_is_set_beside_it_is_refused(project):
    with pytest.raises(UnknownKeyError, match="unknown key 'search'"):
        config_of(project(AUTO), ("search.budget_s", 1), family="bow")
