"""Aliases of one's own, versions that go, and lists of what there is."""

import pytest

from app.domain.audit import Deed
from app.domain.errors import (
    AliasNotFoundError,
    ModelUnavailableError,
)
from app.domain.version_errors import (
    InvalidAliasError,
    VersionInUseError,
)
from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.deeds import ListedDeeds
from tests.published_versions import published
from tests.registries import flip_a_bit


def test_an_alias_of_ones_own_means_a_version_until_it_is_removed(versions: Versions, deeds: ListedDeeds) -> None:
    assert versions.set_alias("tiny", "staging", 1, "ada")["staging"] == 1
    assert versions.number("tiny", "staging") == 1
    assert "staging" not in versions.remove_alias("tiny", "staging", "ada")
    assert [(told.deed, told.version, told.details) for told in deeds.told] == [
        (Deed.ALIAS, 1, {"alias": "staging"}),
        (Deed.ALIAS, None, {"alias": "staging"}),
    ]


@pytest.mark.parametrize("alias", ["active", "previous", "original", "Staging", "7", "a b", "", "x" * 33, "é"])
def test_aliases_that_are_not_ones_own_are_not_set(versions: Versions, alias: str) -> None:
    with pytest.raises(InvalidAliasError):
        versions.set_alias("tiny", alias, 1, "ada")
    with pytest.raises(InvalidAliasError):
        versions.remove_alias("tiny", alias, "ada")


def test_a_version_is_deleted_and_that_is_kept(versions: Versions, store: ModelRegistry, deeds: ListedDeeds) -> None:
    version = published(store)
    versions.delete("tiny", version, "ada")

    assert [one.version for one in versions.versions_of("tiny")] == [1, 2]
    assert deeds.told[-1][:4] == ("ada", Deed.DELETE_VERSION, "tiny", version)


def test_a_version_that_staging_means_is_not_deleted(versions: Versions, store: ModelRegistry) -> None:
    version = published(store)
    versions.set_alias("tiny", "staging", version, "ada")

    with pytest.raises(VersionInUseError):
        versions.delete("tiny", version, "ada")


def test_a_list_of_versions_tells_what_each_is_and_what_is_wrong(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/1/manifest.json")

    first, second = versions.versions_of("tiny")

    assert (first.version, first.aliases, first.facts) == (1, ("original", "previous"), None)
    assert first.problem
    assert (second.version, second.aliases, second.problem) == (2, ("active",), None)
    assert second.facts is not None
    assert second.facts.family == "bow"


def test_aliases_that_cannot_be_trusted_are_a_problem_of_the_model(versions: Versions, store: ModelRegistry) -> None:
    flip_a_bit(store.folder / "tiny/aliases.json")

    for change in (
        lambda: versions.activate("tiny", 1, "ada"),
        lambda: versions.roll_back("tiny", "ada"),
        lambda: versions.set_alias("tiny", "staging", 1, "ada"),
        lambda: versions.delete("tiny", 1, "ada"),
        lambda: versions.versions_of("tiny"),
    ):
        with pytest.raises(ModelUnavailableError):
            change()


def test_an_alias_that_is_not_there_means_no_number(versions: Versions) -> None:
    with pytest.raises(AliasNotFoundError):
        versions.number("tiny", "staging")
