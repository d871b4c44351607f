"""A server to be attacked."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def target(start_server: Callable[..., Any], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of two workers that waits for nobody long; every test leaves it as it was."""
    models = tmp_path_factory.mktemp("target") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    return start_server(
        models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_WORKERS="2",
        PARLEY_HEAD_WITHIN_S="2",
        PARLEY_BODY_WITHIN_S="2",
    )
