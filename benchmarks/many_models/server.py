"""A server of one worker as a process, and a connection to it."""

import base64
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import psutil

from .copies import ROOT

PASSWORD: Final = "of the benchmark"  # noqa: S105 - of a server that lives for a minute and listens to this machine alone
MB: Final = 1 << 20


class Server:
    """Asks over one connection, one request after the other."""

    def __init__(self, pid: int, port: int, var: Path) -> None:
        self._pid = pid
        self.port, self.var = port, var
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._authorization = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def ask(self, path: str, question: dict[str, str] | None = None) -> tuple[int, Any]:
        """Give status and content of an answer."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        body = json.dumps(question).encode() if question else None
        self._connection.request("POST" if question else "GET", path, body, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def predict(self, model: str, text: str) -> tuple[int, float]:
        """Ask a model, and give the version that answered and how long that took in ms."""
        started = time.perf_counter()
        status, reply = self.ask("/predict", {"text": text, "model": model})
        spent_ms = (time.perf_counter() - started) * 1e3
        if status != HTTPStatus.OK or reply["model"] != model:
            raise SystemExit(f"{model} answered {status}: {reply}")
        return reply["version"], spent_ms

    @property
    def worker(self) -> psutil.Process:
        """The process that answers; what runs trainings is started after it."""
        return min(psutil.Process(self._pid).children(), key=psutil.Process.create_time)

    def rss_mb(self) -> float:
        """Give the resident memory of the worker."""
        return float(self.worker.memory_info().rss / MB)

    def cpu_s(self) -> float:
        """Give what the worker has taken of the processors."""
        times = self.worker.cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(models: Path, default: str, budget_mb: int) -> Iterator[Server]:
    """Start a server, and stop it at the end."""
    with tempfile.TemporaryDirectory() as var:
        settings = {
            "MODELS_DIR": models,
            "VAR_DIR": var,
            "PORT": 0,
            "WORKERS": 1,
            "ADMIN_PASSWORD": PASSWORD,
            "DEFAULT_MODEL": default,
            "MEMORY_BUDGET_MB": budget_mb,
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
        environment = {**inherited, **{f"PARLEY_{key}": str(value) for key, value in settings.items()}}
        log = Path(var) / "log"
        with log.open("wb") as file:
            command = [sys.executable, str(ROOT / "serve_tornado.py")]
            process = subprocess.Popen(command, cwd=var, env=environment, stdout=file, stderr=file)
        try:
            yield Server(process.pid, _port_told(process, log), Path(var))
        finally:
            process.terminate()
            process.wait(20)


def _port_told(process: "subprocess.Popen[bytes]", log: Path) -> int:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Parley answers on "):
                return int(line.rstrip("/").rpartition(":")[2])
        time.sleep(0.005)
    raise SystemExit(log.read_text())
