"""Reports, comparisons, and the checks that versions are judged by."""

import pytest

from app.domain.errors import (
    ModelUnavailableError,
)
from app.domain.version_errors import (
    ReportNotFoundError,
)
from app.evaluation.checks import Checks, FrozenText, MustCase
from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.deeds import ListedDeeds
from tests.published_versions import LEARNED, SHUFFLED, published, wired
from tests.registries import flip_a_bit


def test_reports_are_given_as_they_were_published(versions: Versions, store: ModelRegistry) -> None:
    for which in ("report.json", "report.html"):
        assert versions.report("tiny", 1, which) == (store.folder / "tiny/1" / which).read_bytes()


def test_a_version_without_a_report_is_told_of(versions: Versions, store: ModelRegistry) -> None:
    with pytest.raises(ReportNotFoundError, match=r"version 3 of model 'tiny' has no report\.json"):
        versions.report("tiny", published(store), "report.json")


def test_two_versions_are_compared_on_the_test_set_and_what_was_asked_lately(
    store: ModelRegistry, deeds: ListedDeeds, damaged: int
) -> None:
    asked: list[tuple[str, int]] = []

    def recent(name: str, limit: int) -> list[str]:
        asked.append((name, limit))
        return ["please bring the bill", "hello", "please bring the bill"]

    found = wired(store, deeds, recent_texts=recent).diff("tiny", 2, damaged, n_live=7)

    assert asked == [("tiny", 7)]
    assert found.n_asked == len(LEARNED) + 1  # `hello` is in the test set
    origins = {one.asked.text: one.asked.origin for one in found.differences}
    assert origins["please bring the bill"] == "live"
    assert {one.asked.intent for one in found.differences} - {None} == set(SHUFFLED)


def test_a_test_file_becomes_the_test_set_and_the_cases_stay(versions: Versions) -> None:
    versions.change_checks("tiny", Checks(test=[FrozenText("x", "bill")], must=[MustCase("y", None)]), "ada")

    assert versions.keep_checks("tiny", LEARNED)
    number, checks = versions.checks("tiny")
    assert (number, len(checks.test), checks.must) == (2, len(LEARNED), [MustCase("y", None)])


def test_the_same_test_file_changes_nothing(versions: Versions) -> None:
    versions.keep_checks("tiny", LEARNED)

    assert not versions.keep_checks("tiny", LEARNED[::-1])
    assert versions.checks("tiny")[0] == 1


def test_checks_that_are_damaged_refuse_to_judge(versions: Versions, store: ModelRegistry) -> None:
    versions.keep_checks("tiny", LEARNED)
    flip_a_bit(store.folder / "tiny/checks/1.json")

    with pytest.raises(ModelUnavailableError, match=r"tiny/checks/1\.json"):
        versions.activate("tiny", published(store), "ada")

    assert store.aliases("tiny")["active"] == 2
