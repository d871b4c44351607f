"""A registry of `accounts`, trained on a few hundred of its accounts, and of the tiny models."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

FEW_STEPS = ("--set", "training.epochs=4", "--set", "training.refit=false")


def _train(root: Path, tiny_models: Path, python: Callable[..., Any], folder: Path) -> None:
    shutil.copytree(tiny_models, folder, dirs_exist_ok=True)
    lines = (root / "training_data" / "accounts" / "train.jsonl").read_text().splitlines()[:500]
    (folder.parent / "few-accounts.jsonl").write_text("\n".join(lines))
    flags = ("--data", folder.parent / "few-accounts.jsonl", *FEW_STEPS, "--models-dir", folder)
    done = python("train.py", "--model", "accounts", *flags)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def record_models(once: Callable[..., Path], root: Path, tiny_models: Path, python: Callable[..., Any]) -> Path:
    """The registry; not to be written to."""
    return once("record-models", partial(_train, root, tiny_models, python))
