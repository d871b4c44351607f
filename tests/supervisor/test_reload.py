"""SIGHUP replaces every worker by one with new settings and models; no request is lost, and none where it fails."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workers import Clients, ready_workers, until


@pytest.fixture
def service(root: Path, tmp_path: Path) -> Path:
    """A service file that the test may write to, and a script that serves with it."""
    (tmp_path / "service.yaml").write_text("max_texts: 10\n")
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


def test_a_new_worker_that_does_not_get_ready_leaves_the_old_one_and_the_old_settings(
    start_workers: Callable[..., Any], service: Path
) -> None:
    script = service.with_name("serve.py")
    broken = "if '--worker-link' in sys.argv and '20' in open(serve_tornado.SERVICE).read(): sys.exit(3)\n"
    started_again = f"serve_tornado.__file__ = __file__\nserve_tornado.SERVICE = {str(service)!r}\n"
    script.write_text(script.read_text().replace("serve_tornado.main", f"{started_again}{broken}serve_tornado.main"))
    server = start_workers(2, script=script)
    before = set(server.workers())

    service.write_text("max_texts: 20\n")
    server.process.send_signal(signal.SIGHUP)

    until(lambda: "reload given up" in server.log.read_text())
    assert (set(ready_workers(server, 2)), n_texts_taken(server)) == (before, 10)


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
