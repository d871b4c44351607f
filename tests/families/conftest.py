"""A small model of every family there is, trained by one process: what a new family needs to be in the battery."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.registry.model_registry import ModelRegistry

# Trains each family into the registry `folder`: `<family>` twice under one seed, `<family>-thousand` on 1,000 intents.
TRAIN = """
import json
import sys
from pathlib import Path
from app.bootstrap.training import wire_training
from app.families.catalogue import family_named, family_names
from app.domain.example import InputKind, text_of
from app.data.reader import read_dataset
from app.settings import load_settings
from tests.families.inputs import FIELD, as_input

folder, tiny, thousand = map(Path, sys.argv[1:])
training = wire_training(load_settings(folder, environment={}, flags={"models_dir": folder / "models"}), folder)

def train(name, family, data, sets):
    checked = training.check(name, {"data": str(data), "family": family}, sets, folder)
    training.train(checked, lambda epoch: None)

def of_records(path):
    # the same examples as records
    there = folder / f"{path.stem}.jsonl"
    rows = [(text_of(as_input(features, e.input)), json.dumps(e.intent)) for e in read_dataset(path).examples]
    there.write_text("".join(f'{{"record": {record}, "intent": {intent}}}\\n' for record, intent in rows))
    return there

texts = tiny, thousand
for family in family_names():
    features = family_named(family).features
    takes_records = features.input_kind is InputKind.RECORD
    tiny, thousand = map(of_records, texts) if takes_records else texts
    fields = [(f"fields.{FIELD}", "text")] if takes_records else []
    few_steps = [*fields, ("training.epochs", 30), ("training.batch_size", 8), ("training.refit", False)]
    train(family, family, tiny, few_steps)
    train(family, family, tiny, few_steps)
    train(f"{family}-thousand", family, thousand, [*fields, ("training.epochs", 1), ("training.refit", False)])
"""


@pytest.fixture(scope="session")
def family_models(once: Callable[..., Path], tiny_data: Path, python: Callable[..., Any]) -> ModelRegistry:
    """
    A registry, not to be written to.

    `<family>` knows the four intents of the tiny data, in two versions of one seed. `<family>-thousand` knows 1,000
    intents with one example each.
    """

    def train(folder: Path) -> None:
        rows = [f"item {number} of shelf {number % 37}\tintent {number:04}\n" for number in range(1_000)]
        (folder / "thousand.tsv").write_text("text\tintent\n" + "".join(rows))
        done = python("-c", TRAIN, folder, tiny_data, folder / "thousand.tsv")
        assert done.returncode == 0, done.stderr

    return ModelRegistry(once("family-models", train) / "models")
