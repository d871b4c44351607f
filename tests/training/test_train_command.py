"""`train.py` publishes what it was asked for and says so; what cannot be used ends it before anything is trained."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from app.domain.model_reference import ModelReference
from app.registry.model_registry import ModelRegistry

Run = Callable[..., CompletedProcess[str]]

# What each family trains in the fixture of tiny models; a change of any of it is a change of the model.
TINY = ("--model", "tiny", "--family", "bow", "--set", "training.epochs=12")


def listing(folder: Path) -> dict[str, str]:
    """Give every file below a folder with its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def changed(once: Callable[..., Path], tiny_models: Path, tiny_data: Path, python: Run) -> Path:
    """A copy of the tiny models in which `tiny` was trained again: another seed, two texts more, test data."""

    def train(folder: Path) -> None:
        shutil.copytree(tiny_models, folder / "models")
        (folder / "train.tsv").write_text(tiny_data.read_text() + "Hello!\tgreeting\nwhat a day\tweather\n")
        (folder / "test.tsv").write_text("hello you\tgreeting\nrain today\tweather\n")
        done = python(
            *("train.py", *TINY, "--set", "training.epochs=2", "--seed", "11", "--set", "training.refit=false"),
            *("--data", folder / "train.tsv", "--test", folder / "test.tsv"),
            *("--models-dir", folder / "models", "--json"),
        )
        assert done.returncode == 0, done.stderr
        (folder / "stdout").write_text(done.stdout)
        (folder / "stderr").write_text(done.stderr)

    return once("trained-again", train)


def test_json_output_is_one_object_of_the_promised_shape(changed):
    told = json.loads((changed / "stdout").read_text())

    [model] = told["models"]
    assert told.keys() == {"models", "unchanged"}
    assert model.keys() == {"name", "version", "family", "seconds", "validation", "test", "files"}
    assert model["validation"].keys() == model["test"].keys() == {"accuracy", "macro_f1"}
    assert (model["name"], model["version"], model["family"], told["unchanged"]) == ("tiny", 3, "bow", [])
    assert all(0 <= figure <= 1 for part in ("validation", "test") for figure in model[part].values())
    assert model["seconds"] > 0


def test_json_output_names_every_file_with_its_size(changed):
    version = changed / "models" / "tiny" / "3"

    [model] = json.loads((changed / "stdout").read_text())["models"]

    on_disk = {path.name: path.stat().st_size for path in version.iterdir()}
    del on_disk["manifest.json"]
    assert model["files"] == on_disk


def test_what_was_noticed_in_the_data_is_told_on_stderr_with_its_line(changed):
    assert f"warning: {changed / 'train.tsv'}:34: the text stands in line 2 already" in (changed / "stderr").read_text()


def test_a_changed_model_becomes_a_new_active_version_beside_the_old_ones(changed):
    registry = ModelRegistry(changed / "models")

    assert registry.aliases("tiny") == {"original": 1, "active": 3, "previous": 2}
    assert registry.versions("tiny") == [1, 2, 3]


def test_flags_are_kept_in_the_configuration_of_the_version(changed):
    config = yaml.safe_load((changed / "models" / "tiny" / "3" / "config.yaml").read_bytes())

    training = config["training"]
    assert (training["seed"], training["epochs"], training["refit"]) == (11, 2, False)


def test_training_one_model_leaves_the_files_of_all_others_alone(changed, tiny_models):
    before, after = listing(tiny_models), listing(changed / "models")

    assert {path for path in before if after.get(path) != before[path]} == {"tiny/aliases.json"}
    assert {path.split("/")[1] for path in after.keys() - before.keys()} == {"3", "checks"}


def test_an_unchanged_model_is_not_trained_again(python, tiny_models, tiny_data):
    before = listing(tiny_models)

    done = python("train.py", *TINY, "--data", tiny_data, "--models-dir", tiny_models, "--json")

    assert (done.returncode, json.loads(done.stdout)) == (0, {"models": [], "unchanged": ["tiny"]})
    assert listing(tiny_models) == before


def test_an_unchanged_model_is_named_to_people_too(python, tiny_models, tiny_data):
    done = python("train.py", *TINY, "--data", tiny_data, "--models-dir", tiny_models)

    assert "unchanged: tiny (--force trains them all the same)" in done.stdout


def test_force_trains_an_unchanged_model_again(tiny_models):
    # the fixture trained `tiny` twice from the same data and flags, by --force
    registry = ModelRegistry(tiny_models)

    first, second = (registry.manifest("tiny", version) for version in registry.versions("tiny"))

    assert first.facts.hashes == second.facts.hashes
    assert registry.resolve(ModelReference("tiny")) == second.version


def test_the_family_asked_for_is_the_family_trained(tiny_models):
    registry = ModelRegistry(tiny_models)

    families: dict[str, Any] = {name: registry.manifest(name, 1).facts.family for name in registry.names()}

    assert families == {"tiny": "bow", "tinyseq": "lstm_attention"}
