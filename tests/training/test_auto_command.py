"""`train.py --family auto` publishes a model of the family it chose, and leaves logs to watch where it was asked to."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest
import yaml

from app.families.catalogue import family_names

Run = Callable[..., CompletedProcess[str]]


class Chosen(NamedTuple):
    """The folder that `auto` trained into, and how to give the same command again."""

    folder: Path
    again: Callable[[], CompletedProcess[str]]


@pytest.fixture(scope="module")
def chosen(once: Callable[..., Path], python: Run, tiny_data: Path) -> Chosen:
    def train(folder: Path) -> CompletedProcess[str]:
        return python(
            *("train.py", "--model", "x", "--data", tiny_data, "--family", "auto", "--set", "search.budget_s=0"),
            *("--models-dir", folder / "models", "--tensorboard", folder / "logs", "--json"),
        )

    def train_once(folder: Path) -> None:
        done = train(folder)
        assert done.returncode == 0, done.stderr
        (folder / "told").write_text(done.stdout)

    folder = once("auto", train_once)
    return Chosen(folder, lambda: train(folder))


def test_the_version_is_of_the_family_that_was_chosen(chosen):
    version = chosen.folder / "models" / "x" / "1"
    config = yaml.safe_load((version / "config.yaml").read_bytes())

    [told] = json.loads((chosen.folder / "told").read_text())["models"]
    assert told["family"] == config["family"]
    assert config["family"] in family_names()
    assert "search" not in config


def test_the_report_says_what_was_tried(chosen):
    report = json.loads((chosen.folder / "models" / "x" / "1" / "report.json").read_bytes())

    first, *candidates = report["notes"]
    assert first.startswith(f"`auto` chose {report['family']}")
    assert sum(" on 1 fold, " in note for note in candidates) == 2


def test_the_epochs_of_what_was_chosen_are_logged_under_the_name_of_the_model(chosen):
    assert [path.name for path in (chosen.folder / "logs").iterdir()] == ["x"]
    assert list((chosen.folder / "logs" / "x").rglob("events.out.tfevents.*"))


def test_the_same_command_again_finds_it_unchanged(chosen):
    done = chosen.again()

    assert (done.returncode, json.loads(done.stdout)) == (0, {"models": [], "unchanged": ["x"]})
