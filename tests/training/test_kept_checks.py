"""The test file of a training becomes what the next versions of its model are held against."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.registry.model_registry import ModelRegistry


def test_a_training_with_a_test_file_keeps_its_examples_as_checks(
    python: Callable[..., Any], tiny_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "test.tsv").write_text("text\tintent\nrain today\tweather\nhello you\tgreeting\n")
    flags = ("--model", "tiny", "--family", "bow", "--set", "training.epochs=1", "--models-dir", tmp_path / "models")

    done = python("train.py", *flags, "--data", tiny_data, "--test", tmp_path / "test.tsv", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["models"][0]["version"] == 1
    found = ModelRegistry(tmp_path / "models").read_checks("tiny")
    assert found is not None
    number, content = found
    assert number == 1
    assert content["test"] == [
        {"text": "hello you", "intent": "greeting"},
        {"text": "rain today", "intent": "weather"},
    ]
