"""`train.py --mode incremental` adds to what the active version knows, or says why it cannot."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.registry.model_registry import ModelRegistry

Run = Callable[..., CompletedProcess[str]]

PARCELS = ["where is my parcel", "track my parcel", "my parcel is lost", "has the parcel arrived", "parcel status"]


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy of the tiny models, to be written to."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models"))


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """Five texts of an intent that `tiny` has never heard of."""
    (tmp_path / "more.tsv").write_text("text\tintent\n" + "".join(f"{text}\tparcel\n" for text in PARCELS))
    return tmp_path / "more.tsv"


def test_one_new_intent_is_added_and_a_second_time_nothing_is(python: Run, models: Path, more: Path):
    command = ("-m", "app", "train", "--model", "tiny", "--mode", "incremental", "--data", more, "--models-dir", models)
    done = python(*command)
    again = python(*command, "--json")

    assert done.returncode == 0, done.stderr
    assert "tiny: version 3, family bow, 37 examples" in done.stdout
    assert "continued from version 2: 5 examples new" in done.stdout
    assert "new intent 'parcel': 5 of 5 of its new examples are right (0 before)" in done.stdout
    assert "forgot: " in done.stdout
    stored = ModelRegistry(models).load("tiny", 3, SERVED_FILES)
    answers = load_pipeline("tiny", "tiny/3", stored.files).predict([*PARCELS, "hello", "the bill please"], top_k=1)
    assert [answer.best for answer in answers] == ["parcel"] * 5 + ["greeting", "bill"]
    assert json.loads(again.stdout) == {"models": [], "unchanged": ["tiny"]}


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--model", "nobody"), "there is no model 'nobody'"),
        (("--model", "tiny", "--family", "lstm"), "version 2 cannot be trained further: its family is 'bow'"),
        (("--model", "tiny", "--set", "training.epoch=3"), "unknown key 'epoch'; did you mean 'epochs'?"),
    ],
)
def test_what_cannot_be_added_to_is_refused_before_anything_is_trained(python: Run, models, more, flags, sentence):
    done = python("train.py", *flags, "--mode", "incremental", "--data", more, "--models-dir", models)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert ModelRegistry(models).aliases("tiny")["active"] == 2


def test_another_network_is_refused_with_a_sentence(python: Run, models: Path, more: Path):
    done = python(
        *("train.py", "--model", "tiny", "--set", "network.bag_size=8", "--mode", "incremental"),
        *("--data", more, "--models-dir", models),
    )

    assert done.returncode == 1
    assert "the configuration has another network.bag_size; train in full" in done.stderr
    assert ModelRegistry(models).aliases("tiny")["active"] == 2
