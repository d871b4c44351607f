"""SIGHUP replaces every worker by one with new settings and models; no request is lost, and none where it fails."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.workers import Clients, ready_workers, until

# Gets ready unless it is told to take twenty texts, and ends when told anything but to begin. It can start nobody.
PICKY_WORKER = """
import os
from app.supervisor.worker_link import WorkerLink

link = WorkerLink(int(sys.argv[1]))
if link.briefing().settings.max_texts == 20:
    sys.exit(3)
sys.stderr.write(f"here is {os.getpid()}\\n")
link.loaded()
while link._lines.readline() == b"accept\\n":
    pass
"""

SUPERVISE = """
import asyncio
from pathlib import Path
from app.logging_setup import set_up_logging
from app.settings import load_settings
from app.supervisor.briefing import brief
from app.supervisor.supervisor import Supervisor

def read():
    return brief(load_settings(Path.cwd(), file=Path(sys.argv[1])), lambda settings: "hash")

set_up_logging(load_settings(Path.cwd(), environment={}))
sys.exit(asyncio.run(Supervisor(read, [sys.executable, sys.argv[2]], []).run()))
"""


@pytest.fixture
def service(root: Path, tmp_path: Path) -> Path:
    """A service file that the test may write to, and a script that serves with it."""
    (tmp_path / "service.yaml").write_text("max_texts: 10\nworkers: 2\n")
    (tmp_path / "serve.py").write_text(
        f"import sys\nsys.path.insert(0, {str(root)!r})\nimport serve_tornado\n"
        f"serve_tornado.main(['--config', {str(tmp_path / 'service.yaml')!r}])\n"
    )
    return tmp_path / "service.yaml"


def n_texts_taken(server: Any) -> int:
    """Give the limit that a refusal names."""
    message = server.post("/predict", {"texts": ["hello"] * 1000}).json()["error"]["message"]
    return int(message.rpartition(" ")[2])


def test_every_worker_is_replaced_and_no_request_is_lost(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2)
    before = set(server.workers())
    with Clients(server, 4) as clients, Clients(server, 4, keep=True) as keeping:
        clients.answered_more(50)

        server.process.send_signal(signal.SIGHUP)

        until(lambda: "reloaded: 2 workers" in server.log.read_text())
        clients.answered_more(50)
        keeping.answered_more(50)

    assert before.isdisjoint(ready_workers(server, 2))
    assert (clients.failed, keeping.failed) == ([], [])
    assert set(clients.answered) == set(keeping.answered) == {404}


def test_new_settings_hold_after_a_reload(start_workers: Callable[..., Any], service: Path) -> None:
    server = start_workers(1, script=service.with_name("serve.py"))
    assert n_texts_taken(server) == 10

    service.write_text("max_texts: 20\n")
    server.process.send_signal(signal.SIGHUP)

    until(lambda: "reloaded" in server.log.read_text())
    assert n_texts_taken(server) == 20


def test_wrong_settings_are_refused_and_all_stays_as_it_was(start_workers: Callable[..., Any], service: Path) -> None:
    server = start_workers(2, script=service.with_name("serve.py"))
    before = set(server.workers())

    service.write_text("max_text: 20\n")
    server.process.send_signal(signal.SIGHUP)

    until(lambda: "reload refused, all stays as it was" in server.log.read_text())
    assert "did you mean 'max_texts'?" in server.log.read_text()
    assert (set(server.workers()), n_texts_taken(server)) == (before, 10)


def test_a_new_worker_that_does_not_get_ready_leaves_the_old_ones(root: Path, service: Path, tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(f"import sys\nsys.path.insert(0, {str(root)!r})\n{PICKY_WORKER}")
    driver = f"import sys\nsys.path.insert(0, {str(root)!r})\n{SUPERVISE}"
    command: list[str | Path] = [sys.executable, "-c", driver, service, tmp_path / "worker.py"]
    supervisor = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={"PARLEY_JOB_WORKERS": "0"})
    assert supervisor.stderr is not None
    with supervisor.stderr as told:
        before = {int(told.readline().removeprefix("here is ")) for _ in range(2)}

        service.write_text("max_texts: 20\nworkers: 2\n")
        supervisor.send_signal(signal.SIGHUP)

        until(lambda: "reload given up" in told.readline())
        workers = {child.pid for child in psutil.Process(supervisor.pid).children()}
        supervisor.terminate()
        assert (workers, supervisor.wait(timeout=20)) == (before, 0)


def test_a_script_that_passes_other_arguments_on_does_not_start_workers_that_start_workers(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "serve.py").write_text(
        f"import sys\nsys.path.insert(0, {str(root)!r})\nimport serve_tornado\nserve_tornado.main(['--port', '0'])\n"
    )

    done = subprocess.run(
        [sys.executable, tmp_path / "serve.py", "--worker-link", "3"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, "Parley answers" in done.stderr) == (1, False)
    assert "--worker-link has to reach serve_tornado.py as it was given" in done.stderr


@pytest.mark.parametrize("n", [3, 1])
def test_more_or_fewer_workers_come_with_a_reload(start_workers: Callable[..., Any], service: Path, n: int) -> None:
    script = service.with_name("serve.py")
    script.write_text(
        script.read_text().replace("import serve_tornado", "import os, serve_tornado\ndel os.environ['PARLEY_WORKERS']")
    )
    service.write_text("workers: 2\n")
    server = start_workers(2, script=script)

    service.write_text(f"workers: {n}\n")
    server.process.send_signal(signal.SIGHUP)

    until(lambda: f"reloaded: {n} workers" in server.log.read_text())
    assert len(ready_workers(server, n)) == n
