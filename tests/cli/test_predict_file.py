"""A file of lines is answered at the terminal as a server answers it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main

LINES = b'{"text": "hello", "id": 7}\nnonsense\n"the bill please"\n'

Run = Callable[..., Result]


@pytest.fixture
def run(tiny_models: Path, tmp_path: Path) -> Run:
    (tmp_path / "in.jsonl").write_bytes(LINES)

    def invoke(*arguments: str, **options: Any) -> Result:
        told = [argument.replace("TMP", str(tmp_path)) for argument in arguments]
        return CliRunner().invoke(main, ["predict", *told, "--models-dir", str(tiny_models)], **options)

    return invoke


def test_a_file_is_answered_line_by_line(run: Run, tmp_path: Path) -> None:
    done = run("tiny@1", "--file", "TMP/in.jsonl", "--out", "TMP/out.jsonl", "--top-k", "1")

    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert done.exit_code == 0, done.output
    assert done.stderr == "tiny@1: 2 lines answered, 1 not\n"
    assert [(one["line"], one.get("id"), one.get("intent")) for one in told] == [
        (1, 7, "greeting"), (2, None, None), (3, None, "bill"),
    ]  # fmt: skip
    assert len(told[0]["ranking"]) == 1


def test_a_pipe_is_answered_into_another(run: Run) -> None:
    done = run("--model", "tiny", "--file", "-", input=LINES)

    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [1, 2, 3]


@pytest.mark.parametrize(
    "arguments",
    [("tiny", "tinyseq", "--file", "TMP/in.jsonl"), ("tiny", "--model", "tiny", "--file", "-"), ("--file", "TMP/none")],
)
def test_what_makes_no_sense_is_told(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_model_that_is_not_there_leaves_no_file(run: Run, tmp_path: Path) -> None:
    assert run("nobody", "--file", "TMP/in.jsonl", "--out", "TMP/out.jsonl").exit_code == 2
    assert not (tmp_path / "out.jsonl").exists()
