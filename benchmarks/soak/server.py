"""The server under test, and what it holds."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

from app.cli.http_wire import Target, basic

from .versions import MODEL, ROOT

PASSWORD: Final = "of the soak alone"  # noqa: S105 - of a server that lives as long as it and listens to this machine alone
AUTHORIZATION: Final = basic("admin", PASSWORD)
_WITHIN_S: Final = 60.0


class SoakedServer:
    """A supervisor and its workers."""

    def __init__(self, folder: Path, database_url: str, workers: int) -> None:
        """Start it, and wait until it is ready."""
        self._log = folder / "server.log"
        settings = {
            "MODELS_DIR": str(folder / "models"), "VAR_DIR": str(folder / "var"), "PORT": "0",
            "WORKERS": str(workers), "ADMIN_PASSWORD": PASSWORD, "DEFAULT_MODEL": MODEL,
            "DATABASE_URL": database_url,
            "MEMORY_BUDGET_MB": "8", "CACHED_TEXTS": "100",  # full before memory is first looked at
            "JOB_WORKERS": "0",  # each child of the supervisor answers
            "MAX_WAIT_S": "20",  # nothing is refused: this is about answers
        }  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
        environment |= {f"PARLEY_{name}": value for name, value in settings.items()}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "serve_tornado.py"], cwd=folder, env=environment, stdout=log, stderr=log
            )
        self.target = Target.parse(f"http://127.0.0.1:{self._wait_for_port()}")
        self._wait_for(lambda: b"ready" in self.get("/readyz"))

    def get(self, path: str) -> bytes:
        """Ask for a page that needs no proof; nothing where it cannot be had."""
        try:
            with urllib.request.urlopen(f"http://{self.target.authority}{path}", timeout=10) as response:
                return bytes(response.read())
        except OSError:
            return b""

    def metric(self, name: str) -> float:
        """Give the sum of all samples whose line begins so."""
        lines = self.get("/metrics").decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def workers(self) -> list[int]:
        """Give the workers there are, the eldest first."""
        children = psutil.Process(self._process.pid).children()
        return [child.pid for child in sorted(children, key=lambda child: child.create_time())]

    def supervisor(self) -> int:
        """Give the process that keeps the workers."""
        return self._process.pid

    def stop(self) -> int:
        """Ask it to end, and give its exit code; -9 where it had to be killed."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def log(self) -> str:
        """Give what it has told."""
        return self._log.read_text(errors="replace")

    def _wait_for_port(self) -> int:
        end = time.monotonic() + _WITHIN_S
        while time.monotonic() < end:
            for line in self.log().splitlines():
                if line.startswith("Parley answers on "):
                    return int(line.rstrip("/").rpartition(":")[2])
            time.sleep(0.05)
        raise RuntimeError(self.log())

    def _wait_for(self, what: Callable[[], bool]) -> None:
        end = time.monotonic() + _WITHIN_S
        while time.monotonic() < end:
            if what():
                return
            time.sleep(0.05)
        raise RuntimeError(self.log())


def megabytes(pid: int) -> float:
    """Give what a process holds in memory for itself alone, or nothing where it has ended."""
    try:
        return float(psutil.Process(pid).memory_full_info().uss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0
