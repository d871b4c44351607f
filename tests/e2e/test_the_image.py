"""The Dockerfile names what is there, and its serving image holds no TensorFlow."""

import re
from pathlib import Path

import pytest


def stages(root: Path) -> dict[str, list[str]]:
    """Give the instructions of each stage, by its name."""
    found: dict[str, list[str]] = {}
    for line in (root / "Dockerfile").read_text().splitlines():
        if start := re.match(r"FROM \S+ AS (\w+)", line):
            found[start[1]] = []
        elif found and line.strip():
            found[list(found)[-1]].append(line.strip())
    return found


@pytest.mark.parametrize("stage", ["serve", "full"])
def test_every_file_that_a_stage_copies_is_there(root: Path, stage: str) -> None:
    copied = [name for line in stages(root)[stage] if line.startswith("COPY") for name in line.split()[1:-1]]

    assert copied
    assert [name for name in copied if not (root / name).exists()] == []


@pytest.mark.parametrize("stage", ["serve", "full"])
def test_a_stage_runs_as_a_user_without_rights(root: Path, stage: str) -> None:
    assert "USER parley" in stages(root)[stage]


def test_what_serves_needs_no_tensorflow(root: Path) -> None:
    assert any("requirements-serve.txt" in line for line in stages(root)["serve"])
    assert not any("requirements.txt" in line for line in stages(root)["serve"])

    pinned = re.findall(r"^([a-z0-9._-]+)==", (root / "requirements-serve.txt").read_text(), re.MULTILINE)

    assert "onnxruntime" in pinned
    assert not {"tensorflow", "keras", "onnx", "tf2onnx", "scikit-learn"} & set(pinned)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-serve.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_by_hash(root: Path, name: str) -> None:
    text = (root / name).read_text()
    entries = re.findall(r"^[a-z0-9._-]+==.*(?:\n    .*)*", text, re.MULTILINE)

    assert len(entries) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
