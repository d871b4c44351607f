"""A real server on a real socket, for tests."""

import base64
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "right horse, wrong battery"


@dataclass
class Reply:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A server that runs as a process of its own, and a client of it that is signed in."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    authorization: str = field(default="Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Send one request, signed in unless the headers say otherwise (`{"Authorization": ""}` sends none)."""
        sent = {"Authorization": self.authorization, **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, content: object) -> Reply:
        """Send JSON."""
        return self.request("POST", path, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def workers(self) -> list[int]:
        """Give the processes that answer."""
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


_started: list[Server] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """End what a test itself has started, with the test; what its fixtures have started ends with all tests."""
    n_before = len(_started)
    try:
        return (yield)
    finally:
        while len(_started) > n_before:
            _end(_started.pop())


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers: `start_server(models_dir, PARLEY_PORT="0", ...)`; each is ready when it is given."""

    def start(models: Path, *, script: Path = ROOT / "serve_tornado.py", **environment: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        log = folder / "log"
        settings = {
            "PARLEY_MODELS_DIR": str(models),
            "PARLEY_VAR_DIR": str(folder / "var"),
            "PARLEY_PORT": "0",
            "PARLEY_WORKERS": "1",
            "PARLEY_JOB_WORKERS": "0",  # tests of trainings set it
            "PARLEY_ADMIN_PASSWORD": PASSWORD,
            "PARLEY_MAX_WAIT_S": "5",  # whoever else uses the machine is no reason to refuse anybody
            **environment,
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, script], cwd=folder, env={**inherited, **settings}, stdout=file, stderr=file
            )
        server = Server(process, _port_told(process, log), log)
        _started.append(server)
        while server.get("/readyz").status != 200:
            time.sleep(0.02)
        return server

    yield start
    while _started:
        _end(_started.pop())


def _end(server: Server) -> None:
    """End a server, and what it started, by id."""
    left = [] if server.process.poll() is not None else psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    server.process.wait()
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _port_told(process: subprocess.Popen[bytes], log: Path) -> int:
    for _ in range(1000):
        for line in log.read_text().splitlines():
            if line.startswith("Parley answers on "):
                return int(line.rstrip("/").rpartition(":")[2])
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server], tiny_models: Path) -> Server:
    """A server of the tiny models, shared by tests that only ask."""
    started = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny")
    # Who was believed once with a password is not locked out by what others try from the same address.
    assert started.get("/models").status == 200
    return started
