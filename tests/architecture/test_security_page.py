"""The threat model names tests that there are."""

from pathlib import Path

from tests.named_tests import missing_of, named_in


def test_each_test_that_shows_a_control_is_there(root: Path) -> None:
    rows = [line for line in (root / "SECURITY.md").read_text().splitlines() if "](tests/" in line]

    assert len(rows) > 8
    for row in rows:
        named = named_in(row)
        assert named, row
        assert missing_of(named, root) == []
