"""
Tests that a page of the documentation names to show something: whether they are there.

They are named as `[test_file](../tests/test_file.py): `test_one`, `test_another``.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

_NAMED = re.compile(r"\[(\w+)\]\((?:\.\./)?(tests/[\w/]+\.py)\):((?: `test_\w+`,?)+)")
_TEST = re.compile(r"`(test_\w+)`")


class NamedTest(NamedTuple):
    """A test as a page names it."""

    title: str
    path: str
    """From the root of the project."""
    name: str


def named_in(text: str) -> list[NamedTest]:
    """
    Give the tests that a text names.

    Raises:
        ValueError: one is named without its file, so that nobody finds it.
    """
    named = [
        NamedTest(title, path, name) for title, path, names in _NAMED.findall(text) for name in _TEST.findall(names)
    ]
    if len(named) < len(_TEST.findall(text)):
        raise ValueError(f"a test is named without its file in: {text}")
    return named


def missing_of(named: list[NamedTest], root: Path) -> list[NamedTest]:
    """Give those that are not there, or stand under another file's title."""
    return [one for one in named if Path(one.path).stem != one.title or one.name not in _tests_in(root / one.path)]


@cache
def _tests_in(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
