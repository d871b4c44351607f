"""docs/compatibility.md: each row names a test, and each test that it names is there."""

import re
from pathlib import Path

ROWS = [1, 2, 3, *range(4, 19), 20, 23, 30, 34, 60, 61, 64, 67, 84]


def _rows(root: Path) -> dict[str, str]:
    page = (root / "docs" / "compatibility.md").read_text()
    return dict(re.findall(r"^\| (F\d+) \| (.*)$", page, re.MULTILINE))


def test_every_row_stands_there_once(root: Path) -> None:
    page = (root / "docs" / "compatibility.md").read_text()

    assert re.findall(r"^\| (F\d+) \|", page, re.MULTILINE) == [f"F{number:02}" for number in ROWS]


def test_every_row_names_a_test_that_is_there(root: Path) -> None:
    for row, told in _rows(root).items():
        named = re.findall(r"\]\(\.\./([\w/.]+)\): `(\w+)`", told)

        assert named, row
        assert told.count("`test_") == len(named), row
        for file, test in named:
            assert f"def {test}(" in (root / file).read_text(), (row, file, test)
