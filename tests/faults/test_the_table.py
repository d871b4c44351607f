"""The table of faults names tests that there are."""

import ast
import re
from pathlib import Path

_FILE = re.compile(r"\[(\w+)\]\(\.\./(tests/[\w/]+\.py)\):((?: `test_\w+`,?)+)")


def test_each_test_that_the_table_names_is_there(root: Path) -> None:
    named = _FILE.findall((root / "docs" / "faults.md").read_text())

    assert len(named) > 20
    for title, path, tests in named:
        assert Path(path).stem == title
        tree = ast.parse((root / path).read_text())
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert set(re.findall(r"test_\w+", tests)) <= there, path


def test_each_row_is_in_the_table_or_belongs_elsewhere(root: Path) -> None:
    rows = {
        int(number) for number in re.findall(r"^\| R(\d+) \|", (root / "docs" / "faults.md").read_text(), re.MULTILINE)
    }

    elsewhere = {34, 37}  # of training and identity
    assert rows | elsewhere == set(range(1, 38))
