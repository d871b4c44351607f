"""The notebook tells a story that is true: it is executed, and what it says of serving holds."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Execute = Callable[..., list[str]]


@pytest.fixture
def execute(python: Callable[..., Any], root: Path, tmp_path: Path) -> Execute:
    """Execute it in a process of its own, which writes nothing into anybody's home."""

    def run(**parameters: object) -> list[str]:
        homes = {name: str(tmp_path) for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
        notebook = root / "docs" / "notebook.ipynb"
        done = python("-m", "tests.notebook.executed", notebook, json.dumps(parameters), environment=homes)
        assert done.returncode == 0, done.stderr
        told: list[str] = json.loads(done.stdout)
        return told

    return run


def shares(told: str) -> list[float]:
    return [float(share) for share in re.findall(r"([\d.]+)%", told)]


def test_it_can_be_told_of_any_data(execute: Execute, tiny_data: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.tsv").write_text("text\nsing me a song\nplay some music\nwho won the match\nsing a song\n")
    outside = str(tmp_path / "outside.tsv")

    told = execute(
        TRAIN=str(tiny_data), TEST=str(tiny_data), OUT_OF_SCOPE=outside, OUT_OF_SCOPE_TEST=outside,
        FAMILIES={"classical": {}},
    )  # fmt: skip

    assert told[0].startswith("32 texts to learn from")
    assert "32 texts asked: 0 answers differ" in told[-1]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_its_story_of_flights_is_true(execute: Execute) -> None:
    told = execute()

    [left_alone] = [text for text in told if "out of scope and left alone" in text]
    without, with_it = left_alone.splitlines()
    assert shares(with_it)[0] >= 80 > shares(without)[0]
    assert shares(without)[1] - shares(with_it)[1] < 2
    assert "500 texts asked: 0 answers differ" in told[-1]


def test_no_output_and_no_place_of_this_machine_is_kept_in_it(root: Path) -> None:
    notebook = json.loads((root / "docs" / "notebook.ipynb").read_text())

    assert [cell for cell in notebook["cells"] if cell.get("outputs") or cell.get("execution_count")] == []
    assert str(root) not in json.dumps(notebook)
