"""What an attack costs its server: processor time and memory, which other users of the machine do not change."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil


@dataclass
class Cost:
    """Of all workers together; known when the block is left."""

    seconds: float = 0.0
    """Of a processor."""
    mb: float = 0.0
    """By how much more memory is resident."""


@contextmanager
def cost(server: Any) -> Iterator[Cost]:
    """Look at the workers of a server before and after."""
    counted = Cost()
    before = _spent(server)
    yield counted
    after = _spent(server)
    counted.seconds, counted.mb = after.seconds - before.seconds, after.mb - before.mb


def _spent(server: Any) -> Cost:
    spent = Cost()
    for pid in server.workers():
        worker = psutil.Process(pid)
        times = worker.cpu_times()
        spent.seconds += times.user + times.system
        spent.mb += worker.memory_info().rss / 1e6
    return spent
