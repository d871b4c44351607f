"""A training that comes to nothing says why with code 1, and leaves the registry as it was."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# A family whose training always runs away: the bag of words under a learning rate far out of any range.
FEATURES = '''
"""Runs away."""

import msgspec

from .bow import BowConfig, BowFeatures
from .contract import Family
from .model_config import TrainingConfig


class RunawayTraining(TrainingConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    learning_rate: float = 1e30


class RunawayConfig(BowConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    family: str = "runaway"
    training: RunawayTraining = RunawayTraining()


FAMILY = Family("runaway", RunawayConfig, BowFeatures)
'''

NETWORK = '''
"""Runs away."""

from .bow import build

__all__ = ["build"]
'''


def listing(folder: Path) -> dict[str, str]:
    """Give every file below a folder with its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy of the tiny models."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models"))


def test_a_loss_that_is_no_number_publishes_nothing(root, models, tiny_data, tmp_path):
    shutil.copytree(root / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "train.py", tmp_path)
    (tmp_path / "app" / "families" / "runaway.py").write_text(FEATURES)
    (tmp_path / "app" / "networks" / "runaway.py").write_text(NETWORK)
    before = listing(models)

    done = subprocess.run(
        [sys.executable, "train.py", "--model=tiny", "--family=runaway", "--data", tiny_data, "--models-dir", models],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "model 'tiny': the loss was not finite in epoch 1; try a lower learning_rate" in done.stderr
    assert "Traceback" not in done.stderr
    assert listing(models) == before


def test_a_registry_whose_aliases_are_damaged_is_told_and_left_alone(python, models, tiny_data):
    (models / "tiny" / "aliases.json").write_text("{}")
    before = listing(models)

    done = python(
        *("train.py", "--model", "tiny", "--data", tiny_data, "--models-dir", models),
        *("--set", "training.epochs=1", "--set", "training.refit=false"),
    )

    assert done.returncode == 1
    assert "tiny/aliases.json cannot be used: it carries no digest of its own" in done.stderr
    assert "Traceback" not in done.stderr
    assert listing(models) == before


def test_data_of_which_the_settings_leave_nothing_are_refused_with_a_sentence(python, tiny_data, tmp_path):
    # no word stands in thirty of the texts, so there would be nothing to learn from
    done = python(
        *("train.py", "--model", "x", "--family", "lstm_attention", "--set", "features.min_count=30"),
        *("--data", tiny_data, "--models-dir", tmp_path / "models"),
    )

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


def test_a_registry_that_cannot_be_written_is_told_in_a_sentence(python, tiny_data, tmp_path):
    (tmp_path / "file").touch()

    done = python(
        *("train.py", "--model", "x", "--data", tiny_data, "--models-dir", tmp_path / "file" / "models"),
        *("--set", "training.epochs=1", "--set", "training.refit=false"),
    )

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
