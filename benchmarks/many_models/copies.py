"""One small model under many names."""

import tempfile
from pathlib import Path
from typing import Final

from app.bootstrap.training import wire_training
from app.domain.model_reference import ModelReference
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.registry.stored_models import StoredVersion
from app.settings import load_settings

ROOT: Final = Path(__file__).resolve().parents[2]
FILES: Final = {*SERVED_FILES, "model.weights.h5"}
_MODEL: Final = "smalltalk"
_SMALL: Final = [
    ("network.bag_size", 32),
    ("features.max_terms", 1500),
    ("training.epochs", 4),
    ("training.refit", False),
    ("keep_dataset", False),
]


def fill(registry: ModelRegistry, n_models: int) -> list[str]:
    """Publish the model under as many names, say how large it is, and give the names."""
    stored = _small_model()
    names = [f"model-{number:04}" for number in range(n_models)]
    for name in names:
        registry.publish(name, stored.files, stored.manifest.facts)
    served = sum(len(data) for file, data in stored.files.items() if file in SERVED_FILES)
    print(f"{n_models} models; files that serve: {served / 1e6:.2f} MB, all: {_total(stored) / 1e6:.2f} MB")
    return names


def _small_model() -> StoredVersion:
    with tempfile.TemporaryDirectory() as folder:
        training = wire_training(load_settings(ROOT, environment={}, flags={"models_dir": Path(folder)}), ROOT)
        training.train(training.check(_MODEL, {"family": "bow"}, _SMALL, ROOT), lambda _: None)
        registry = ModelRegistry(Path(folder))
        return registry.load(_MODEL, registry.resolve(ModelReference(_MODEL)), FILES)


def _total(stored: StoredVersion) -> int:
    return sum(map(len, stored.files.values()))
