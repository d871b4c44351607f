"""A version answers where the gate lets it; one call brings the one before it back; who did what is kept."""

from typing import Any

import pytest

from app.domain.audit import Deed
from app.domain.errors import (
    ModelNotFoundError,
    VersionNotFoundError,
)
from app.domain.storage_errors import StorageUnavailableError
from app.domain.version_errors import (
    GateRefusedError,
    NoPreviousVersionError,
    UnservableVersionError,
)
from app.evaluation.checks import Checks, MustCase
from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.conftest import TINY
from tests.deeds import ListedDeeds
from tests.published_versions import LEARNED, SHUFFLED, answers, published
from tests.registries import flip_a_bit, network_that_gives


def test_a_version_with_labels_shuffled_for_three_intents_is_refused_with_those_named(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    before = store.aliases("tiny")

    with pytest.raises(GateRefusedError) as caught:
        versions.activate("tiny", damaged, "ada")

    named = {intent for intent in TINY for sentence in caught.value.regressions if f"intent '{intent}':" in sentence}
    assert named == set(SHUFFLED)
    assert store.aliases("tiny") == before
    assert deeds.told == []


def test_it_is_forced_and_that_is_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    aliases = versions.activate("tiny", damaged, "ada", force=True)

    assert aliases == store.aliases("tiny") == {"original": 1, "active": damaged, "previous": 2}
    [told] = deeds.told
    assert told[:4] == ("ada", Deed.FORCE, "tiny", damaged)
    assert told.details["intents"] == sorted(SHUFFLED)
    assert all(str(example.input) not in str(told.details) for example in LEARNED)


def test_one_rollback_restores_the_answers_before_byte_for_byte(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    before = answers(store, versions)
    versions.activate("tiny", damaged, "ada", force=True)
    assert answers(store, versions) != before

    aliases = versions.roll_back("tiny", "ada")

    assert aliases == {"original": 1, "active": 2, "previous": damaged}
    assert answers(store, versions) == before
    assert deeds.told[-1][:4] == ("ada", Deed.ROLL_BACK, "tiny", 2)


def test_nothing_is_forced_that_cannot_be_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    deeds.is_away = True

    with pytest.raises(StorageUnavailableError):
        versions.activate("tiny", damaged, "ada", force=True)

    assert store.aliases("tiny")["active"] == 2


def test_a_rollback_works_while_the_audit_log_is_away_and_the_log_has_it(
    versions: Versions, deeds: ListedDeeds, caplog: pytest.LogCaptureFixture
) -> None:
    deeds.is_away = True

    assert versions.roll_back("tiny", "ada")["active"] == 1
    assert "not in the audit log: 'roll_back', of tiny version 1, by 'ada'" in caplog.text


def test_a_version_that_is_as_good_is_activated_and_the_one_before_kept(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds
) -> None:
    versions.keep_checks("tiny", LEARNED)
    version = published(store)

    assert versions.activate("tiny", version, "ada") == {"original": 1, "active": version, "previous": 2}
    assert [told[:4] for told in deeds.told] == [("ada", Deed.ACTIVATE, "tiny", version)]


def test_without_checks_there_is_no_gate(versions: Versions, store: ModelRegistry) -> None:
    silent = published(store, model_onnx=network_that_gives(0.0))

    assert versions.activate("tiny", silent, "ada")["active"] == silent


def test_to_activate_what_is_active_changes_nothing(versions: Versions, deeds: ListedDeeds) -> None:
    assert versions.activate("tiny", 2, "ada") == {"original": 1, "active": 2, "previous": 1}
    assert deeds.told == []


def test_a_case_that_must_be_so_is_enough_to_refuse(versions: Versions, store: ModelRegistry) -> None:
    versions.change_checks("tiny", Checks(must=[MustCase("will it rain", "bill")]), "ada")

    with pytest.raises(GateRefusedError, match="'will it rain' must be 'bill', and is answered 'weather'"):
        versions.activate("tiny", published(store), "ada")


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        (network_that_gives(float("nan")), "scores that are not finite"),
        (network_that_gives(0.0, n_scores=3), "3 scores where 4 are needed"),
        (b"no network", "not a network"),
    ],
    ids=["nan", "another number of classes", "no network"],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_version_that_cannot_answer_is_refused_before_an_alias_moves(
    versions: Versions, store: ModelRegistry, network: bytes, problem: str, *, force: bool
) -> None:
    before, aliases = answers(store, versions), store.aliases("tiny")
    version = published(store, model_onnx=network)

    with pytest.raises(UnservableVersionError, match=problem):
        versions.activate("tiny", version, "ada", force=force)

    assert store.aliases("tiny") == aliases
    assert answers(store, versions) == before


def test_a_damaged_version_is_not_gone_back_to(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/1/model.onnx")

    with pytest.raises(UnservableVersionError, match=r"tiny/1/model\.onnx has changed"):
        versions.roll_back("tiny", "ada")

    assert store.aliases("tiny")["active"] == 2


def test_where_the_active_version_is_damaged_another_can_take_its_place(
    versions: Versions, store: ModelRegistry
) -> None:
    versions.keep_checks("tiny", LEARNED)
    version = published(store)
    flip_a_bit(store.folder / "tiny/2/model.onnx")

    assert versions.activate("tiny", version, "ada")["active"] == version


@pytest.mark.parametrize(
    ("name", "version", "error"), [("tiny", 9, VersionNotFoundError), ("nobody", 1, ModelNotFoundError)]
)
def test_what_is_not_there_is_not_activated(versions: Versions, name: str, version: int, error: Any) -> None:
    with pytest.raises(error):
        versions.activate(name, version, "ada")


def test_where_nothing_was_active_before_there_is_nothing_to_go_back_to(versions: Versions) -> None:
    with pytest.raises(NoPreviousVersionError, match="'tinyseq' has no version to go back to"):
        versions.roll_back("tinyseq", "ada")


def test_rolling_back_twice_changes_nothing(versions: Versions, store: ModelRegistry) -> None:
    before = store.aliases("tiny")
    versions.roll_back("tiny", "ada")
    versions.roll_back("tiny", "ada")

    assert store.aliases("tiny") == before
