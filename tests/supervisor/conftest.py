"""Servers of several workers."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.workers import ready_workers


@pytest.fixture
def start_workers(start_server: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start servers without models: `start_workers(2, PARLEY_DRAIN_S="1")`, to be found with all workers ready."""
    started: list[psutil.Process] = []
    numbers = itertools.count()

    def start(n: int, models: Path | None = None, **environment: str) -> Any:
        server = start_server(models or tmp_path / f"models-{next(numbers)}", PARLEY_WORKERS=str(n), **environment)
        ready_workers(server, n)
        supervisor = psutil.Process(server.process.pid)
        started.extend([supervisor, *supervisor.children()])
        return server

    yield start
    for process in started:
        with suppress(psutil.NoSuchProcess):
            left = process.children()
            process.kill()
            for child in left:
                child.kill()
