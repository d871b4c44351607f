"""SIGTERM loses no request, ends in time, and ends everybody, whoever it was sent to and whenever."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.workers import Clients, is_dead, ready_workers, until

BODY = b'{"text": "hello"}'


@pytest.fixture
def begin() -> Iterator[Callable[[Any], socket.socket]]:
    """Begin a prediction: the server has its head and waits for its body."""
    with ExitStack() as opened:

        def begin_one(server: Any) -> socket.socket:
            connection = opened.enter_context(closing(socket.create_connection(("127.0.0.1", server.port), timeout=60)))
            head = (
                "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
                f"Authorization: {server.authorization}\r\nContent-Length: {len(BODY)}\r\n\r\n"
            )
            connection.sendall(head.encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
            return connection

        yield begin_one


def finish(connection: socket.socket) -> bytes:
    """Send the body, and give the reply."""
    connection.sendall(BODY)
    return b"".join(iter(lambda: connection.recv(10_000), b""))


def refuses(server: Any) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=10).close()
    except ConnectionError:
        return True
    return False


def test_a_server_that_stops_is_not_ready_at_once_and_finishes_what_it_takes_until_its_grace_is_over(
    start_workers: Callable[..., Any], begin
) -> None:
    server = start_workers(2, PARLEY_DRAIN_GRACE_S="3", PARLEY_DRAIN_S="60")
    begun = [begin(server) for _ in range(20)]

    server.process.terminate()

    until(lambda: server.get("/readyz").json()["status"] == "stopping")  # so connections are still taken
    begun.append(begin(server))
    until(lambda: refuses(server))
    replies = [finish(connection) for connection in begun]
    assert [reply[:13] for reply in replies] == [b"HTTP/1.1 404 "] * 21  # there is no model, and that is an answer
    assert all(b"Connection: close" in reply for reply in replies)
    assert server.process.wait(timeout=20) == 0


def test_no_request_is_lost_when_a_server_under_load_stops(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2)
    with Clients(server, 8, keep=True) as clients:
        clients.answered_more(200)

        server.process.terminate()

        assert server.process.wait(timeout=20) == 0
    assert set(clients.answered) == {404}
    assert {type(error) for error in clients.failed} == {ConnectionRefusedError}  # later ones have nowhere to go


def test_connections_that_wait_to_be_taken_are_answered_before_a_server_stops(
    start_workers: Callable[..., Any],
) -> None:
    server = start_workers(1, PARLEY_HEARTBEAT_LIMIT_S="60")
    [worker] = server.workers()
    os.kill(worker, signal.SIGSTOP)  # so that they wait
    with ExitStack() as opened:
        waiting = [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20)) for _ in range(20)
        ]
        for connection in waiting:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        server.process.terminate()

        os.kill(worker, signal.SIGCONT)

        assert [connection.recv(15) for connection in waiting] == [b"HTTP/1.1 200 OK"] * 20
    assert server.process.wait(timeout=20) == 0


def test_requests_that_do_not_end_keep_a_server_as_long_as_it_was_told(start_workers, begin) -> None:
    server = start_workers(2, PARLEY_DRAIN_S="0.5")
    begun = begin(server)

    assert server.stop() == 0
    assert begun.recv(100) == b""


def test_a_second_signal_hastens(start_workers: Callable[..., Any], begin) -> None:
    server = start_workers(2, PARLEY_DRAIN_S="3600", PARLEY_DRAIN_GRACE_S="3600")
    begun = begin(server)
    server.process.terminate()
    until(lambda: server.get("/readyz").status == 503)

    assert server.stop() == 0
    assert begun.recv(100) == b""


def test_a_worker_that_overstays_is_killed_and_the_exit_code_tells(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2, PARLEY_DRAIN_S="0")
    os.kill(server.workers()[0], signal.SIGSTOP)

    assert server.stop() == 1
    assert "killed: not gone after 5.0 s" in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_workers_start_ends_them_all(
    root: Path, tmp_path: Path, number: int, start_workers: Callable[..., Any]
) -> None:
    del start_workers  # it would wait
    environment = {
        "PARLEY_PORT": "0",
        "PARLEY_WORKERS": "2",
        "PARLEY_MODELS_DIR": str(tmp_path),
        "PARLEY_VAR_DIR": str(tmp_path),
    }
    process = subprocess.Popen(
        [sys.executable, root / "serve_tornado.py"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr as told:
        until(lambda: told.readline().startswith("Parley answers on "))

        process.send_signal(number)

        assert process.wait(timeout=20) == 0
        assert not re.search("Traceback|ERROR", told.read())


def test_a_signal_to_a_shell_around_the_server_ends_all(root: Path, tmp_path: Path) -> None:
    environment = {
        "PARLEY_PORT": "0",
        "PARLEY_WORKERS": "2",
        "PARLEY_MODELS_DIR": str(tmp_path),
        "PARLEY_VAR_DIR": str(tmp_path),
    }
    shell = subprocess.Popen(
        ["sh", "-c", f"exec {sys.executable} {root / 'serve_tornado.py'}"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert shell.stderr is not None
    with shell.stderr as told:
        until(lambda: told.readline().startswith("Parley answers on "))

        shell.terminate()

        assert shell.wait(timeout=20) == 0
        told.read()  # to its end: nobody is left who could write


def test_a_signal_to_the_supervisor_alone_ends_every_worker_and_frees_the_port(
    start_workers: Callable[..., Any],
) -> None:
    server = start_workers(3)
    workers = server.workers()

    assert server.stop() == 0
    assert all(map(is_dead, workers))
    assert refuses(server)


def test_a_signal_to_every_process_at_once_ends_them_all_well(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2)
    workers = ready_workers(server, 2)

    for pid in (*workers, server.process.pid):  # as systemd does
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    assert server.process.wait(timeout=20) == 0
    assert "Traceback" not in server.log.read_text()
