"""A server to be attacked, with a registry that others can write to."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.registry.model_registry import ModelRegistry
from tests.registries import publish_again
from tests.server import Reply, Server
from tests.workers import until


@dataclass(frozen=True)
class Prey:
    """A server, the folder of its models, and a place where an attack would leave its marks."""

    server: Server
    models: Path
    harm: Path

    def publish(self, name: str, **files: bytes) -> int:
        """Publish what `tiny` is under another name, whole and with its digests, with some files of the attacker's."""
        return publish_again(self.models, name, like="tiny", **files)

    def state(self, name: str) -> dict[str, Any]:
        """Give what the server says of a model."""
        found = [model for model in self.server.get("/models").json()["models"] if model["name"] == name]
        return found[0] if found else {}

    def settled(self, name: str, *states: str) -> dict[str, Any]:
        """Wait until the server has looked at a model, or harm was done."""
        until(lambda: self.harm.exists() or self.state(name).get("state") in states)
        return self.state(name)

    def predict(self, name: str) -> Reply:
        return self.server.post("/predict", {"text": "will it rain", "model": name})


@pytest.fixture(scope="session")
def served(start_server: Callable[..., Server], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Prey:
    """A server of one worker and one trainer, shared by all attacks."""
    folder = tmp_path_factory.mktemp("prey")
    models = folder / "models"
    models.mkdir()
    shutil.copytree(tiny_models / "tiny", models / "tiny", ignore=shutil.ignore_patterns(".*"))
    (folder / "configs").mkdir()
    server = start_server(
        models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_PRELOAD="all",
        PARLEY_JOB_WORKERS="1",
        PARLEY_MAX_ARCHIVE_MB="16",
        PARLEY_CONFIGS_DIR=str(folder / "configs"),
        PARLEY_CALLBACK_ALLOW="*",
        PARLEY_CALLBACK_SECRET="open sesame, open sesame",
    )
    return Prey(server, models, folder / "harm")


@pytest.fixture(scope="session")
def expendable(
    start_server: Callable[..., Server], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server of models of its own: of all that is asked wrongly, something is right and changes them."""
    models = tmp_path_factory.mktemp("expendable") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    return start_server(models, PARLEY_DEFAULT_MODEL="tiny")


@pytest.fixture
def prey(served: Prey, tmp_path: Path) -> Prey:
    """The server, and a place for the marks of this attack alone."""
    return replace(served, harm=tmp_path / "harm")


@pytest.fixture
def registry(prey: Prey) -> ModelRegistry:
    """The registry of the server, as somebody who can write to its folder has it."""
    return ModelRegistry(prey.models)
