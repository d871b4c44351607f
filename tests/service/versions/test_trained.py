"""A version that was just trained answers where it may and was told to; what stands in its way is told."""

import pytest

from app.domain.job import Activation
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.published_versions import LEARNED, published
from tests.registries import network_that_gives


def test_a_trained_version_that_is_not_to_answer_does_not(versions: Versions, store: ModelRegistry) -> None:
    is_active, notes, regressions = versions.activate_trained("tiny", published(store), Activation.NO, "ada")

    assert (is_active, notes, regressions) == (False, ("it was not to be activated",), ())


def test_a_trained_version_that_is_worse_is_told_and_not_raised(versions: Versions, damaged: int) -> None:
    is_active, _, regressions = versions.activate_trained("tiny", damaged, Activation.YES, "ada")

    assert not is_active
    assert any("intent 'bill'" in sentence for sentence in regressions)


def test_a_trained_version_that_cannot_answer_is_told_and_not_raised(versions: Versions, store: ModelRegistry) -> None:
    version = published(store, model_onnx=network_that_gives(float("nan")))

    is_active, _, [regression] = versions.activate_trained("tiny", version, Activation.YES, "ada")

    assert not is_active
    assert "scores that are not finite" in regression


def test_a_trained_version_that_is_only_as_good_does_not_answer_where_it_was_to_be_better(
    versions: Versions, store: ModelRegistry
) -> None:
    versions.keep_checks("tiny", LEARNED)

    is_active, [note], regressions = versions.activate_trained("tiny", published(store), Activation.IF_BETTER, "ada")

    assert (is_active, regressions) == (False, ())
    assert "was to be activated only if better: " in note


def test_without_a_test_set_nothing_is_known_to_be_better(versions: Versions, store: ModelRegistry) -> None:
    is_active, [note], _ = versions.activate_trained("tiny", published(store), Activation.IF_BETTER, "ada")

    assert not is_active
    assert note.endswith("there is no test set to tell by")


def test_a_trained_version_that_is_better_answers(versions: Versions, store: ModelRegistry, damaged: int) -> None:
    versions.activate("tiny", damaged, "ada", force=True)
    version = published(store)

    is_active, [note], regressions = versions.activate_trained("tiny", version, Activation.IF_BETTER, "ada")

    assert (is_active, regressions) == (True, ())
    assert "of the test set are answered rightly" in note
    assert store.aliases("tiny")["active"] == version


@pytest.mark.parametrize("activation", [Activation.YES, Activation.IF_BETTER])
def test_the_first_version_of_a_model_answers_whatever_it_is_compared_with(
    versions: Versions, store: ModelRegistry, activation: Activation
) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    store.publish("new", stored.files, stored.manifest.facts, activate=False)

    assert versions.activate_trained("new", 1, activation, "ada")[0]
    assert store.aliases("new") == {"original": 1, "active": 1}


def test_a_version_that_was_retired_meanwhile_is_told_of(versions: Versions) -> None:
    is_active, [note], _ = versions.activate_trained("tiny", 9, Activation.YES, "ada")

    assert not is_active
    assert note == "model 'tiny' has no version 9"
