"""The threat model names tests that there are."""

import ast
import re
from pathlib import Path

_NAMED = re.compile(r"\[(\w+)\]\((tests/[\w/]+\.py)\):((?: `test_\w+`,?)+)")


def test_each_test_that_shows_a_control_is_there(root: Path) -> None:
    rows = [line for line in (root / "SECURITY.md").read_text().splitlines() if "](tests/" in line]

    assert len(rows) > 8
    for row in rows:
        named = _NAMED.findall(row)
        assert named, row
        for title, path, tests in named:
            assert Path(path).stem == title
            tree = ast.parse((root / path).read_text())
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert set(re.findall(r"test_\w+", tests)) <= there, path
