"""What every fault test ends with: the server lives, is ready, answers rightly, and has kept nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psutil

from tests.workers import until

_FILES = 6
"""The database and its journal are opened for each batch, and may be open in each worker just now."""
_SETTLES_WITHIN_S = 60.0


class Holding(NamedTuple):
    """What the workers of a server hold together."""

    files: int
    """Open file descriptors, connections among them."""
    mb: float
    """Resident."""


def holding(server: Any) -> Holding:
    """Look at the workers there are."""
    files, resident = 0, 0
    for pid in server.workers():
        with suppress(psutil.NoSuchProcess):  # it is being replaced
            worker = psutil.Process(pid)
            files += worker.num_fds()
            resident += worker.memory_info().rss
    return Holding(files, resident / 1e6)


def answers_rightly(server: Any) -> None:
    """Ask something of which the answer is known, once for each worker and some more."""
    for _ in range(2 * len(server.workers()) + 2):
        reply = server.post("/predict", {"text": "hello"})
        assert (reply.status, reply.json()["intent"]) == (200, "greeting"), reply.body


@contextmanager
def unharmed(server: Any, *, mb: float = 24.0, files: int = _FILES) -> Iterator[None]:
    """Promise that a server of `tiny` is left as it was, but for `mb` megabytes and `files` of each worker."""
    _warm(server)
    n_workers, before = len(server.workers()), holding(server)
    yield
    assert server.process.poll() is None
    until(lambda: server.get("/readyz").status == 200)
    answers_rightly(server)
    until(lambda: len(server.workers()) == n_workers)
    most = Holding(before.files + files * n_workers, before.mb + mb * n_workers)
    end = time.monotonic() + _SETTLES_WITHIN_S
    while (after := holding(server)).files > most.files or after.mb > most.mb:
        assert time.monotonic() < end, f"held now: {after}; before: {before}"
        time.sleep(0.05)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()[-4000:]


def _warm(server: Any) -> None:
    """Let each worker do once what it imports something for."""
    for _ in range(3 * len(server.workers())):
        assert server.post("/predict", {"texts": ["hello"] * 64}).status == 200
        assert server.get("/metrics").status == 200
        assert server.get("/nope").status == 404
    until(lambda: b'parley_request_log_total{outcome="written"}' in server.get("/metrics").body)
