"""A model of records is trained further again and again: its weights stay finite and it keeps what it knew."""

from pathlib import Path

import numpy as np
import pytest

from app.data.reader import read_dataset
from app.domain.example import Dataset, inputs_of
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.planning.check import check_data
from app.planning.plan import read_plan_file, settle_config
from app.registry.model_registry import ModelRegistry
from app.training.base_version import read_base
from app.training.further import _differences
from app.training.train_model import train_model

# Keras 3.15 asks numpy 2 for what it has given another name
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "training_data" / "accounts"
FIELDS = read_plan_file(ROOT / "config/models/accounts.yaml")["fields"]
GIVEN = {
    "family": "record",
    "fields": FIELDS,
    "features": {"min_count": 2},
    "network": {"bag_size": 16},
    "training": {"epochs": 6, "refit": False},
}
N_KNOWN = 400


def after_rounds(registry: ModelRegistry, n_rounds: int) -> tuple[list[float], list[bool]]:
    """Give the accuracy on old accounts before and after each training of 2 new ones, and whether all was finite."""
    examples = read_dataset(FOLDER / "train.jsonl").examples
    old = read_dataset(FOLDER / "test.jsonl").examples
    config = settle_config(GIVEN, "test")
    train_model(check_data("m", config, Dataset(examples[:N_KNOWN])), registry, lambda _: None)
    accuracies, finite = [], []
    for version in range(1, n_rounds + 2):
        if version > 1:
            base = read_base(registry, "m", version - 1)
            two = examples[N_KNOWN + 2 * version : N_KNOWN + 2 * version + 2]
            checked = check_data("m", config, Dataset(two), known=base.dataset)
            train_model(checked, registry, lambda _: None, base=base)
        stored = registry.load("m", version, SERVED_FILES)
        pipeline = load_pipeline("m", stored.folder, stored.files)
        answers = pipeline.predict(inputs_of(old), top_k=2)
        accuracies.append(np.mean([a.best == e.intent for a, e in zip(answers, old, strict=True)]).item())
        finite.append(all(np.isfinite([place.confidence for place in answer.ranking]).all() for answer in answers))
    return accuracies, finite


def test_two_rounds_of_two_accounts_leave_it_as_good_as_it_was(tmp_path: Path) -> None:
    accuracies, finite = after_rounds(ModelRegistry(tmp_path), 2)

    assert all(finite)
    assert accuracies[-1] >= accuracies[0] - 0.01


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_rounds_of_two_accounts_leave_it_as_good_as_it_was(tmp_path: Path) -> None:
    accuracies, finite = after_rounds(ModelRegistry(tmp_path), 100)

    assert all(finite)
    assert accuracies[-1] >= accuracies[0] - 0.01


def test_other_fields_are_another_model() -> None:
    more = settle_config({**GIVEN, "fields": {**FIELDS, "age": "number"}}, "test")

    assert _differences(settle_config(GIVEN, "test"), more) == ["fields.age"]
