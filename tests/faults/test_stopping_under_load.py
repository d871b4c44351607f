"""A server that is told to stop under full load loses nothing that was begun, and is gone soon."""

import signal
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.registry.model_registry import ModelRegistry
from app.storage.engine import open_engine
from app.storage.request_store import RequestStore
from tests.raw_connection import Connection
from tests.workers import Clients, is_dead, ready_workers

GONE_WITHIN_S = 5.0
"""Of acceptance: a promise about time that has to be a promise about time."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_request_in_flight_is_lost_by_any_worker_and_each_is_in_the_log(
    start_server: Callable[..., Any], tiny_models: Path, number: signal.Signals
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2")
    workers = ready_workers(server, 2)
    with Clients(server, 16, keep=True) as clients:
        clients.answered_more(500)

        server.process.send_signal(number)

        assert server.process.wait(timeout=GONE_WITHIN_S) == 0
    assert set(clients.answered) == {200}
    assert {type(error) for error in clients.failed} == {ConnectionRefusedError}  # there is nobody to ask any more
    assert all(map(is_dead, workers))
    with closing(RequestStore(open_engine(server.log.parent / "var" / "parley.db"))) as store:
        logged = [entry for entry in store.page(limit=1_000_000) if entry.request.endpoint == "/predict"]
    assert len(logged) == len(clients.answered)


def test_what_threads_work_on_is_finished_too(
    start_server: Callable[..., Any], tiny_models: Path, connect: Callable[..., Connection]
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2")
    ready_workers(server, 2)
    connections = [connect(server) for _ in range(20)]
    for connection in connections:
        connection.predict(b'{"texts": [' + b", ".join([b'"will it rain tomorrow"'] * 400) + b"]}")

    server.process.terminate()

    assert [connection.receive()[0] for connection in connections] == [200] * 20
    assert server.process.wait(timeout=20) == 0


def test_while_models_are_loaded_a_server_stops_at_once(
    start_server: Callable[..., Any], tiny_models: Path, tmp_path: Path
) -> None:
    registry, whole = ModelRegistry(tmp_path / "models"), ModelRegistry(tiny_models)
    files = {file.name for file in (tiny_models / "tiny" / "1").iterdir() if file.name != "manifest.json"}
    stored = whole.load("tiny", 1, files)
    for number in range(60):
        registry.publish(f"m{number}", stored.files, stored.manifest.facts)
    server = start_server(registry.folder, PARLEY_DEFAULT_MODEL="m0")

    server.process.send_signal(signal.SIGHUP)  # a new worker loads them all once more
    server.process.terminate()

    assert server.process.wait(timeout=10) == 0
    assert "Traceback" not in server.log.read_text()


def test_signals_by_the_dozen_end_it_once(start_server: Callable[..., Any], tiny_models: Path) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2")
    workers = ready_workers(server, 2)

    def signal_often() -> None:
        for _ in range(20):
            server.process.send_signal(signal.SIGTERM)

    senders = [threading.Thread(target=signal_often) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert server.process.wait(timeout=10) in {0, 1}
    assert all(map(is_dead, workers))
    assert "Traceback" not in server.log.read_text()
