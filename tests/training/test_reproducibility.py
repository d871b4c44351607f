"""The same data, configuration and seed give the same model, whatever Python's hash seed is."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry

# Trains every model of config/models/ of the folder given.
TRAIN = """
import sys
from pathlib import Path
from app.cli.train import train
train([], obj=Path(sys.argv[1]), prog_name="train.py")
"""

# A second network is trained where `refit` is left on; one of the two families shows that.
MODELS = {
    "bag": "family: bow\ntraining: {epochs: 4, seed: 5}\n",
    "sequence": "family: lstm_attention\nnetwork: {lstm_size: 16}\ntraining: {epochs: 4, seed: 5, refit: false}\n",
}

TEXTS = ["hello", "will it rain tonight", "a table for two", "pay the bill by card please", "good evening you", "it"]

model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def twice(once: Callable[..., Path], root: Path, tiny_data: Path) -> list[ModelRegistry]:
    """Two registries with the same models, trained by processes of different hash seeds."""

    def train(folder: Path) -> None:
        processes = [_start(root, folder / hash_seed, tiny_data, hash_seed) for hash_seed in ("1", "2")]
        for process in processes:
            _, told = process.communicate()
            assert process.returncode == 0, told

    folder = once("trained-twice", train)
    return [ModelRegistry(folder / hash_seed / "models") for hash_seed in ("1", "2")]


def _start(root: Path, project: Path, data: Path, hash_seed: str) -> subprocess.Popen[str]:
    (project / "config" / "models").mkdir(parents=True)
    for name, settings in MODELS.items():
        (project / "config" / "models" / f"{name}.yaml").write_text(f"data: {data}\n{settings}")
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(project)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},  # noqa: TID251
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pipeline(registry: ModelRegistry, name: str) -> IntentPipeline:
    stored = registry.load(name, 1, SERVED_FILES)
    return load_pipeline(name, stored.folder, stored.files)


@model
@pytest.mark.parametrize(
    "file", ["tokenizer.pkl", "label_encoder.pkl", "config.yaml", "dataset.jsonl.gz", "report.json", "calibration.json"]
)
def test_two_trainings_write_the_same_bytes(twice, name, file):
    first, second = (registry.load(name, 1, {file}).files[file] for registry in twice)

    assert first == second


@model
def test_two_trainings_have_the_same_metrics(twice, name):
    first, second = (registry.manifest(name, 1).facts.metrics for registry in twice)

    assert first == second


@model
def test_two_trainings_record_the_same_origins(twice, name):
    first, second = (registry.manifest(name, 1).facts for registry in twice)

    assert (first.hashes, first.seed, first.library_versions) == (second.hashes, 5, second.library_versions)


@model
def test_two_trainings_answer_alike(twice, name):
    first, second = (pipeline(registry, name).predict(TEXTS, top_k=4) for registry in twice)

    assert [dict(prediction.ranking) for prediction in first] == [
        pytest.approx(dict(prediction.ranking), abs=1e-6) for prediction in second
    ]
    assert [prediction.intent for prediction in first] == [prediction.intent for prediction in second]
