"""The workers of a server under test, and clients of it."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil


def until(promised: Callable[[], object]) -> None:
    """Wait for something; the time limit of a test is the only one."""
    while not promised():
        time.sleep(0.02)


def is_dead(pid: int) -> bool:
    """Say whether a process has ended, noticed by its parent or not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def ready_workers(server: Any, n: int) -> list[int]:
    """Wait until `n` workers take connections, and give them in the order of their start."""
    until(lambda: sum(_accepts(pid, server.port) for pid in server.workers()) == n == len(server.workers()))
    return sorted(server.workers(), key=lambda pid: psutil.Process(pid).create_time())


def _accepts(pid: int, port: int) -> bool:
    """Whether a worker watches the listening socket, as its kernel tells."""
    try:
        inodes = _listening_inodes(port)
        fds = {int(link.name) for link in Path(f"/proc/{pid}/fd").iterdir() if str(link.readlink()) in inodes}
        watched = [
            int(line.split()[1])
            for file in Path(f"/proc/{pid}/fdinfo").iterdir()
            for line in file.read_text().splitlines()
            if line.startswith("tfd:")
        ]
    except OSError:
        return False
    return not fds.isdisjoint(watched)


def _listening_inodes(port: int) -> set[str]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


@dataclass
class Clients:
    """People who ask one question after the other, each on a new connection or all on one."""

    server: Any
    n: int
    keep: bool = False
    answered: list[int] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.n)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def answered_more(self, n: int) -> None:
        """Wait for that many more answers."""
        enough = len(self.answered) + n
        until(lambda: len(self.answered) >= enough)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        while not self._enough.is_set():
            try:
                headers = {"Authorization": self.server.authorization, "Content-Type": "application/json"}
                connection.request("POST", "/predict", b'{"text": "hello"}', headers)
                response = connection.getresponse()
                response.read()
                self.answered.append(response.status)
            except Exception as error:  # noqa: BLE001 - whatever a client may meet
                self.failed.append(error)
                connection.close()
            if not self.keep:
                connection.close()
        connection.close()
