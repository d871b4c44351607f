"""Servers as processes that are pinned to their cores, and stopped with all that they started."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from app.cli.http_wire import Target

from .contenders import ROOT, Contender, inherited
from .servers.published import answer, pipeline

_READY_WITHIN_S: Final = 90.0
_COMPARED: Final = 60
_SAME: Final = 1e-4


class UnusableServerError(Exception):
    """A server that does not start, or does not answer what the model says."""


class RunningServer:
    """A contender that runs."""

    def __init__(self, contender: Contender, port: int, models: Path) -> None:
        self.contender, self.models = contender, models
        self.url = f"http://127.0.0.1:{port}"
        self.target = Target.parse(self.url)

    def body(self, texts: Sequence[str]) -> dict[str, object]:
        """Give the body of a request."""
        return {"text": texts[0]} if self.contender.batch == 1 else {"texts": list(texts)}

    def ask(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
        """Ask once."""
        headers = {"Content-Type": "application/json"}
        if self.contender.authorization:
            headers["Authorization"] = self.contender.authorization
        body = json.dumps(self.body(texts)).encode()
        request = urllib.request.Request(f"{self.url}/predict", body, headers)  # noqa: S310 - our own URL
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            return json.load(response)

    def prove(self, texts: Sequence[str]) -> None:
        """
        Hold its answers to those of the model itself, so that nobody is quick by answering something else.

        Raises:
            UnusableServerError: they differ.
        """
        model, step = pipeline(self.models), self.contender.batch
        for start in range(0, _COMPARED * step, step):
            asked = texts[start : start + step]
            try:
                reply = self.ask(asked)
                answers = reply["predictions"] if step > 1 else [reply]
            except (OSError, ValueError, KeyError) as error:
                raise UnusableServerError(f"it answers as it should not: {type(error).__name__} {error}") from None
            for text, got in zip(asked, answers, strict=True):
                intent, confidence = answer(model, text)
                if got.get("intent") != intent or abs(got.get("confidence", -1) - confidence) > _SAME:
                    raise UnusableServerError(f"it answers {got} where the model says {intent}, {confidence}")


@contextlib.contextmanager
def running(contender: Contender, commands: Path, models: Path, texts: Sequence[str]) -> Iterator[RunningServer]:
    """
    Start a server, and stop it at the end.

    Raises:
        UnusableServerError: it cannot be measured; the sentence has the end of what it wrote.
    """
    with tempfile.TemporaryDirectory() as var, _free_ports() as ports:
        names = {"port": ports[0], "second_port": ports[1], "bin": commands, "models": models, "var": var}
        command = ["taskset", "-c", ",".join(map(str, contender.server))]
        command += [word.format(**names) for word in contender.command]
        environment = {name: value.format(**names) for name, value in contender.environment.items()}
        environment |= {"PEER_PORT": str(ports[0]), "PEER_MODELS": str(models), "PYTHONPATH": str(ROOT)}
        log = Path(var) / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=ROOT, env=inherited() | environment, stdout=file, stderr=file, start_new_session=True
            )
        server = RunningServer(contender, ports[0], models)
        try:
            _wait(server, process, log, texts)
            server.prove(texts)
            yield server
        finally:
            _stop(process)


def _wait(server: RunningServer, process: subprocess.Popen[bytes], log: Path, texts: Sequence[str]) -> None:
    until, problem = time.monotonic() + _READY_WITHIN_S, ""
    while time.monotonic() < until and process.poll() is None:
        try:
            server.ask(texts[: server.contender.batch])
        except (OSError, ValueError) as error:  # nobody there, not ready, or not yet what answers
            problem = str(error)
            time.sleep(0.1)
        else:
            return
    said = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise UnusableServerError(f"it does not start: {problem}; {' '.join(said)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)


@contextlib.contextmanager
def _free_ports() -> Iterator[list[int]]:
    """Give two ports that nobody listens to."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [int(one.getsockname()[1]) for one in sockets]
    yield ports
