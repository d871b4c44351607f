"""Workers share a port evenly, a first start has one password, and the supervisor carries none of what answers."""

import base64
import re
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.supervisor.listening import listen
from tests.workers import ready_workers, until


def test_connections_opened_at_once_are_shared_by_both_workers(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2)
    shares: Counter[int] = Counter()
    for _ in range(5):
        with ExitStack() as opened:
            for _ in range(16):
                opened.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            until(lambda: held(server).total() == 16)
            shares += held(server)
        until(lambda: held(server).total() == 0)

    assert min(shares[worker] for worker in server.workers()) >= 20, shares  # of 80


def held(server: Any) -> Counter[int]:
    """Count the connections that each worker has taken."""
    return Counter(
        {
            worker: sum(c.status == psutil.CONN_ESTABLISHED for c in psutil.Process(worker).net_connections("tcp"))
            for worker in server.workers()
        }
    )


def test_a_first_start_of_many_workers_prints_one_password_that_all_of_them_take(
    start_workers: Callable[..., Any], tmp_path: Path, root: Path
) -> None:
    script = tmp_path / "serve.py"
    script.write_text(
        f"import os, sys\ndel os.environ['PARLEY_ADMIN_PASSWORD']\nsys.path.insert(0, {str(root)!r})\n"
        "import serve_tornado\nserve_tornado.main()\n"
    )
    server = start_workers(3, script=script)

    [password] = re.findall(r"^New password of the user admin: (\S+)$", server.log.read_text(), re.MULTILINE)

    server.authorization = "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()
    assert {server.get("/models").status for _ in range(12)} == {200}
    assert server.log.read_text().count("Parley answers on ") == 1


def test_workers_are_told_no_password(start_workers: Callable[..., Any]) -> None:
    server = start_workers(2)

    told = [" ".join(psutil.Process(pid).cmdline()) for pid in ready_workers(server, 2)]

    assert all("--worker-link" in command and "battery" not in command for command in told)


@pytest.mark.parametrize("library", ["onnxruntime", "numpy"])
def test_a_supervisor_carries_nothing_of_what_answers(start_workers: Callable[..., Any], library: str) -> None:
    server = start_workers(1)

    def mapped(pid: int) -> str:
        return Path(f"/proc/{pid}/maps").read_text()

    assert library not in mapped(server.process.pid)
    assert library in mapped(server.workers()[0])  # there it would be seen


def test_a_name_with_two_addresses_is_listened_to_on_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with ExitStack() as opened:
        first, second = [opened.enter_context(closing(listening)) for listening in listen("twice", 0)]

        assert (first.getsockname()[0], second.getsockname()[0]) == ("127.0.0.1", "127.0.0.2")
        assert first.getsockname()[1] == second.getsockname()[1]


def test_a_port_that_is_taken_is_told(start_workers: Callable[..., Any]) -> None:
    server = start_workers(1)

    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", server.port)
