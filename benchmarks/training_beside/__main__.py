"""
Time predictions before, during and after a training that the same machine runs.

    python -m benchmarks.training_beside [--workers 2] [--share 0.3]

First the capacity of the server is measured, then answers at a share of it: on an idle machine, while a model is
trained over HTTP, and afterwards. The exit code is 1 where the p99 beside the training is over 10 ms and over twice
that before.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from app.bootstrap.training import wire_training
from app.settings import load_settings

ROOT: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "benchmark only"  # noqa: S105 - of a server that lives for minutes, on loopback
_MODEL: Final = "support"
_LEAST_MS: Final = 10.0
_TIMES: Final = 2.0


class Server:
    """A server with one trained model, and the trainings it runs."""

    def __init__(self, folder: Path, workers: int) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
        chosen = {
            "PARLEY_PORT": "0",
            "PARLEY_WORKERS": str(workers),
            "PARLEY_MODELS_DIR": str(folder / "models"),
            "PARLEY_VAR_DIR": str(folder / "var"),
            "PARLEY_DEFAULT_MODEL": _MODEL,
            "PARLEY_ADMIN_PASSWORD": PASSWORD,
        }
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, ROOT / "serve_tornado.py"],
                cwd=folder,
                env={**environment, **chosen},
                stdout=log,
                stderr=log,
            )
        self.url = self._told_url()
        while not self._is_ready():
            time.sleep(0.05)

    def load(self, seconds: float, rate: float | None = None) -> dict[str, Any]:
        """Send texts, and give what `loadtest` measured."""
        command = [sys.executable, "-m", "app", "loadtest", self.url, "--user", "admin", "--password-env", "LOADTEST"]
        command += ["--seconds", str(seconds), "--json", *([] if rate is None else ["--rate", f"{rate:.0f}"])]
        environment = {**os.environ, "LOADTEST": PASSWORD}  # noqa: TID251 - handed on
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask for anything else."""
        proof = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {proof}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return json.load(reply)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=30)

    def _told_url(self) -> str:
        while True:
            for line in self._log.read_text().splitlines():
                if line.startswith("Parley answers on "):
                    return line.removeprefix("Parley answers on ").rstrip("/")
            if self._process.poll() is not None:
                sys.exit(self._log.read_text())
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        with suppress(OSError):
            return bool(self.ask("GET", "/readyz")["status"] == "ready")
        return False


@click.command(help=__doc__.strip().split("\n\n")[0] if __doc__ else None)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--share", type=click.FloatRange(0.01, 1), default=0.3, show_default=True, help="of the capacity")
@click.option("--seconds", type=click.FloatRange(1), default=10.0, show_default=True, help="of each measurement")
def main(workers: int, share: float, seconds: float) -> None:
    """Run it, and print the table."""
    with tempfile.TemporaryDirectory(prefix="parley-beside-") as name:
        folder = Path(name)
        training = wire_training(load_settings(ROOT, environment={}, flags={"models_dir": folder / "models"}), ROOT)
        training.train(training.check(_MODEL, {}, [], ROOT), lambda _: None)
        server = Server(folder, workers)
        try:
            before, beside, after, state = _measured(server, share, seconds)
        finally:
            server.stop()
    table = Table("predictions", "rate/s", "p50 ms", "p99 ms", "not answered", title=f"Beside a training: {state}")
    for title, found in (("before", before), ("beside it", beside), ("after", after)):
        latency = found["latency_ms"]
        bad = found["sent"] - found["statuses"].get("200", 0)
        table.add_row(
            title, f"{found['answers_per_second']:.0f}", f"{latency['p50']:.2f}", f"{latency['p99']:.2f}", str(bad)
        )
    Console(highlight=False).print(table)
    allowed = max(_LEAST_MS, _TIMES * before["latency_ms"]["p99"])
    sys.exit(0 if beside["latency_ms"]["p99"] <= allowed and state in {"succeeded", "refused"} else 1)


def _measured(
    server: Server, share: float, seconds: float
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]:
    capacity = server.load(seconds / 2)["answers_per_second"]
    rate = capacity * share
    before = server.load(seconds, rate)
    job = server.ask("POST", "/train", {"model": _MODEL, "config": {"training": {"seed": 8}}})["job"]["id"]
    while server.ask("GET", f"/jobs/{job}")["job"]["state"] == "queued":
        time.sleep(0.05)
    beside = server.load(seconds, rate)
    while (state := server.ask("GET", f"/jobs/{job}")["job"]["state"]) == "running":
        time.sleep(0.2)
    return before, beside, server.load(seconds, rate), state


if __name__ == "__main__":
    main()
