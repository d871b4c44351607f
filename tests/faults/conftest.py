"""A server to be attacked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def target(start_server: Callable[..., Any], tiny_models: Path) -> Any:
    """A server of two workers that waits for nobody long; every test leaves it as it was."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_WORKERS="2",
        PARLEY_HEAD_WITHIN_S="2",
        PARLEY_BODY_WITHIN_S="2",
    )
