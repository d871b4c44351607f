"""A disk that takes no more costs what would have been written to it, and no prediction."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT, Server
from tests.wellbeing import unharmed
from tests.workers import until

# The server sees a small disk at the folder named; nobody else does, and nothing is left of it.
ON_A_SMALL_DISK = """
import ctypes, os, runpy, sys
libc = ctypes.CDLL(None, use_errno=True)
def must(result):
    if result: raise OSError(ctypes.get_errno(), "no disk of its own")
if "--worker-link" not in sys.argv:
    must(libc.unshare(0x00020000))
    must(libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None))
    must(libc.mount(b"tmpfs", {folder!r}, b"tmpfs", 0, b"size={size}"))
sys.argv[0] = {server!r}
sys.path.insert(0, {root!r})
runpy.run_path({server!r}, run_name="__main__")
"""


@pytest.fixture
def start_on_a_small_disk(
    start_server: Callable[..., Server], tiny_models: Path, tmp_path: Path
) -> Callable[..., tuple[Server, Path]]:
    """Start a server to which a folder is a disk of so many bytes, and give both."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("only root on Linux can give a process a disk of its own")

    def start(size: int, **environment: str) -> tuple[Server, Path]:
        folder = tmp_path / "disk"
        folder.mkdir()
        script = tmp_path / "on_a_small_disk.py"
        script.write_text(
            ON_A_SMALL_DISK.format(
                folder=str(folder).encode(), size=size, server=str(ROOT / "serve_tornado.py"), root=str(ROOT)
            )
        )
        told = {name: value.format(folder=folder) for name, value in environment.items()}
        server = start_server(tiny_models, script=script, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2", **told)
        return server, Path(f"/proc/{server.process.pid}/root") / folder.relative_to("/")

    return start


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                pass
    return filler


def told(server: Any, name: str) -> float:
    lines = server.get("/metrics").body.decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_a_full_disk_of_the_log_costs_no_prediction_and_what_is_dropped_is_counted(start_on_a_small_disk) -> None:
    server, disk = start_on_a_small_disk(
        1_000_000, PARLEY_DATABASE_URL="sqlite:///{folder}/parley.db", PARLEY_REQUEST_LOG_QUEUE="100"
    )
    with unharmed(server):
        filler = fill(disk)
        before = told(server, 'parley_request_log_total{outcome="dropped_queue_full"}')

        for _ in range(400):
            assert server.post("/predict", {"text": "hello"}).status == 200
        until(lambda: told(server, 'parley_request_log_total{outcome="dropped_queue_full"}') > before)

        filler.unlink()
        until(lambda: told(server, "parley_request_log_queued") < 20)  # to ask is to be logged


def test_a_full_disk_of_the_metrics_costs_no_prediction_and_no_worker(start_on_a_small_disk) -> None:
    server, disk = start_on_a_small_disk(2_000_000, TMPDIR="{folder}")
    with unharmed(server):
        workers = server.workers()
        filler = fill(disk)

        for number in range(300):  # each kind of answer is a new line of the metrics
            assert server.post("/predict", {"text": "hello"}).status == 200
            server.request("GET", f"/nope/{number}", headers={"Authorization": ""})
            server.request(("PUT", "PATCH", "DELETE")[number % 3], "/predict")
            server.post("/predict", {"text": "hello", "model": ("tiny@1", "tinyseq", "tiny@2")[number % 3]})
        assert server.workers() == workers

        filler.unlink()
