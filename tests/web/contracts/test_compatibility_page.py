"""docs/compatibility.md: each row and each defect names tests that are there, or the later work that it waits for."""

import re
from pathlib import Path

import pytest

from tests.named_tests import missing_of, named_in

ROWS = [
    *range(1, 29), *range(30, 46), *range(50, 55), *range(60, 72), *range(80, 85),
]  # fmt: skip
"""Of the feature table; other numbers are not used."""
LATER = {52, 53, 69, 80, 81, 82, 83}
"""Rows that may wait."""
DEFECTS = {"S": 16, "A": 17, "K": 12, "B": 13, "P": 14}
"""How many each system has."""
WAITING = {"A5"}
"""Defects of what is built later."""


@pytest.fixture(scope="module")
def lines(root: Path) -> dict[str, str]:
    """What is told, by row or defect."""
    page = (root / "docs" / "compatibility.md").read_text()
    return dict(re.findall(r"^\| ([A-Z]\d+) \| (.*)$", page, re.MULTILINE))


def test_every_row_and_every_defect_stands_there_once(root: Path) -> None:
    page = (root / "docs" / "compatibility.md").read_text()

    rows = [f"F{number:02}" for number in ROWS]
    defects = [f"{system}{number}" for system, n in DEFECTS.items() for number in range(1, n + 1)]
    assert re.findall(r"^\| ([A-Z]\d+) \|", page, re.MULTILINE) == rows + defects


def test_each_names_tests_that_are_there_or_waits_for_later_work(root: Path, lines: dict[str, str]) -> None:
    may_wait = {f"F{number}" for number in LATER} | WAITING
    waiting = {name for name, told in lines.items() if not named_in(told) and "| later: " in told}
    missing = {name: missing_of(named_in(told), root) for name, told in lines.items()}

    assert {name for name, told in lines.items() if not named_in(told)} == waiting == may_wait
    assert {name: tests for name, tests in missing.items() if tests} == {}


def test_a_line_without_a_test_or_with_one_that_is_nowhere_is_noticed(root: Path) -> None:
    nowhere = "[test_atis](../tests/web/contracts/test_atis.py): `test_that_nobody_wrote`"
    elsewhere = "[test_atis](../tests/web/contracts/test_pega.py): `test_its_documents_are_where_pega_looks`"

    assert named_in("| what it does | by hand |") == []
    assert [len(missing_of(named_in(told), root)) for told in (nowhere, elsewhere)] == [1, 1]
    with pytest.raises(ValueError, match="without its file"):
        named_in("shown by `test_a_server_that_is_ready_says_so`")
