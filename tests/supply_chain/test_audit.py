"""An audit says what is known, and never takes what it could not look up for what is clean."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supply_chain.__main__ import told
from supply_chain.findings import Ignored, Outcome, findings, read_ignored
from supply_chain.requirements import Requirement

TODAY = date(2026, 6, 1)
INSTALLED = [Requirement("tornado", "6.6.1", ("0" * 64,)), Requirement("ruamel-yaml", "0.18", ("1" * 64,))]
CLEAN = [{"name": "tornado", "version": "6.6.1", "vulns": []}, {"name": "ruamel.yaml", "version": "0.18", "vulns": []}]
HOLE = {"id": "PYSEC-2026-7", "fix_versions": ["6.6.2"], "aliases": ["CVE-2026-1"], "description": "A hole."}
HOLED: list[dict[str, Any]] = [{"name": "tornado", "version": "6.6.1", "vulns": [HOLE]}, CLEAN[1]]
SKIPPED = {"name": "tornado", "skip_reason": "Dependency not found and could not be audited: tornado (6.6.1)"}


def _audited(dependencies: list[dict[str, Any]], *ignored: Ignored) -> Any:
    return findings({"dependencies": dependencies, "fixes": []}, INSTALLED, ignored, TODAY)


def _ignored(until: date, name: str = "PYSEC-2026-7", package: str = "tornado") -> Ignored:
    return Ignored(name, package, "nothing of ours reaches it", until)


def test_where_all_were_looked_up_and_nothing_is_known_it_ends_well() -> None:
    found = _audited(CLEAN)

    assert (found.outcome, found.n_audited) == (Outcome.CLEAN, 2)


def test_a_hole_is_named_with_its_cure() -> None:
    found = _audited(HOLED)

    assert found.outcome == Outcome.HOLES
    assert told(found)[0] == "HOLE         tornado 6.6.1: PYSEC-2026-7, fixed in 6.6.2"


@pytest.mark.parametrize("name", ["PYSEC-2026-7", "CVE-2026-1"])
def test_a_hole_is_borne_until_the_day_that_the_list_names(name: str) -> None:
    assert _audited(HOLED, _ignored(TODAY, name)).outcome == Outcome.CLEAN
    assert "borne" in told(_audited(HOLED, _ignored(TODAY, name)))[0]


def test_after_that_day_it_is_a_hole_again() -> None:
    found = _audited(HOLED, _ignored(date(2026, 5, 31)))

    assert found.outcome == Outcome.HOLES
    assert any(line.startswith("EXPIRED") for line in told(found))


def test_an_entry_for_another_package_excuses_nothing_and_is_told() -> None:
    found = _audited(HOLED, _ignored(TODAY, package="flask"))

    assert found.outcome == Outcome.HOLES
    assert any(line.startswith("needless") for line in told(found))


@pytest.mark.parametrize(
    "dependencies",
    [[SKIPPED, CLEAN[1]], [CLEAN[1]], [{**CLEAN[0], "version": "6.6.0"}, CLEAN[1]]],
    ids=["skipped", "not named", "another version"],
)
def test_a_package_that_was_not_looked_up_counts_as_not_audited(dependencies: list[dict[str, Any]]) -> None:
    found = _audited(dependencies)

    assert (found.outcome, found.n_audited) == (Outcome.NOT_ALL_AUDITED, 1)
    assert any(line.startswith("not audited  tornado") for line in told(found))


@pytest.mark.parametrize(
    "dependencies", [[], [SKIPPED], [SKIPPED, {"name": "ruamel.yaml", "skip_reason": "no answer"}]]
)
def test_where_no_service_answered_it_says_so_and_ends_otherwise_than_well(dependencies: list[dict[str, Any]]) -> None:
    found = _audited(dependencies)

    assert found.outcome == Outcome.NOT_AUDITED
    assert "NOTHING WAS AUDITED" in told(found)[-1]


def test_a_hole_counts_for_more_than_a_package_that_was_not_looked_up() -> None:
    assert _audited([HOLED[0]]).outcome == Outcome.HOLES


def test_each_end_has_its_own_exit_code() -> None:
    assert sorted(Outcome) == [0, 1, 2, 3]


def test_the_list_in_the_repository_can_be_read(root: Path) -> None:
    assert isinstance(read_ignored(root / "supply_chain" / "ignored.toml"), list)


@pytest.mark.parametrize(
    "entry",
    [
        'id = "A"\npackage = "b"\nuntil = 2026-01-01',
        'id = "A"\npackage = "b"\nreason = "false"\nuntil = 2026-01-01',
        'id = "A"\npackage = "b"\nreason = "nothing reaches it"',
        'id = "A"\npackage = "b"\nreason = "nothing reaches it"\nuntil = "some day"',
    ],
)
def test_an_entry_without_a_reason_or_a_day_is_refused(tmp_path: Path, entry: str) -> None:
    (tmp_path / "ignored.toml").write_text(f"[[ignored]]\n{entry}\n")

    with pytest.raises(ValueError, match="needs an id, a package, a reason and a day"):
        read_ignored(tmp_path / "ignored.toml")
