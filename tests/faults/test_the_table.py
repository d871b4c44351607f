"""The table of faults names tests that there are."""

import re
from pathlib import Path

from tests.named_tests import missing_of, named_in


def test_each_test_that_the_table_names_is_there(root: Path) -> None:
    named = named_in((root / "docs" / "faults.md").read_text())

    assert len(named) > 20
    assert missing_of(named, root) == []


def test_each_row_is_in_the_table_or_belongs_elsewhere(root: Path) -> None:
    rows = {
        int(number) for number in re.findall(r"^\| R(\d+) \|", (root / "docs" / "faults.md").read_text(), re.MULTILINE)
    }

    elsewhere = {37}  # of clocks, tokens and certificates, which have tables and tests of their own
    assert rows | elsewhere == set(range(1, 38))
