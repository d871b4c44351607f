"""The table of attacks is whole: each row has tests that there are, and controls that these tests show."""

import ast
import re
from pathlib import Path

import pytest

from tests.attacks.controls.catalogue import CONTROLS
from tests.attacks.controls.control import Patch
from tests.attacks.without_controls import PLACES
from tests.named_tests import missing_of, named_in

_ROW = re.compile(r"^\| (S\d+) \|.*$", re.MULTILINE)
_CONTROL = re.compile(r"`([a-z]+(?:-[a-z0-9]+)*)`")


@pytest.fixture(scope="module")
def table(root: Path) -> dict[str, str]:
    """The rows of docs/attacks.md by number."""
    return {found[1]: found[0] for found in _ROW.finditer((root / "docs" / "attacks.md").read_text())}


def test_each_row_is_there_once(root: Path) -> None:
    rows = _ROW.findall((root / "docs" / "attacks.md").read_text())

    assert sorted(rows, key=lambda row: int(row[1:])) == [f"S{number}" for number in range(1, 38)]


def test_each_row_names_tests_that_there_are(root: Path, table: dict[str, str]) -> None:
    for row, line in table.items():
        named = named_in(line)

        assert named, row
        assert missing_of(named, root) == []


def test_each_row_names_its_controls_and_no_other(table: dict[str, str]) -> None:
    for row, line in table.items():
        told = line.split("|")[4]

        assert set(_CONTROL.findall(told)) == {name for name, control in CONTROLS.items() if row in control.rows}, row
        assert told.strip(), row


def test_each_control_is_named_by_a_test_and_by_none_that_is_unknown() -> None:
    files = [file for place in PLACES for file in (place.glob("test_*.py") if place.is_dir() else [place])]
    named = {name for file in files for name in _marks_in(file)}

    assert named == CONTROLS.keys()


@pytest.mark.parametrize("name", sorted(CONTROLS))
def test_what_a_control_patches_is_there(name: str, root: Path) -> None:
    for patch in CONTROLS[name].patches:
        assert _is_there(root, patch), f"{patch.module}: {patch.name}"


def _marks_in(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    marks = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "controls"]
    return {str(argument.value) for mark in marks for argument in mark.args if isinstance(argument, ast.Constant)}


def _is_there(root: Path, patch: Patch) -> bool:
    """Look by reading: to import all of the product would take TensorFlow."""
    path = root / Path(*patch.module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    body = ast.parse(source.read_text()).body
    *way, last = patch.name.split(".")
    for step in way:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == step)
    return last in {name for node in body for name in _names_of(node)}


def _names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.Try):
        return {name for inner in node.body for name in _names_of(inner)}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
