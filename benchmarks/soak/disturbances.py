"""What is done to a server meanwhile, each thing at its own times."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import NamedTuple

from .databases import Database
from .server import SoakedServer
from .versions import Versions


class Kill(NamedTuple):
    """A worker that was killed, by the clock of the load."""

    pid: int
    at: float


class Disturbances:
    """Publishes, moves, kills and outages."""

    def __init__(self, server: SoakedServer, versions: Versions, database: Database) -> None:
        """Do nothing yet."""
        self._server, self._versions, self._database = server, versions, database
        self._enough = threading.Event()
        self._changes = cycle([versions.publish, versions.move, versions.publish, versions.roll_back])
        self.kills: list[Kill] = []
        self.n_outages = 0
        self.failures: list[str] = []

    @contextmanager
    def going_on(self, *, change_s: float, kill_s: float, outage_s: float, away_s: float) -> Iterator[None]:
        """Change what is active, kill a worker, and take the database away for a while, each so often."""

        def outage() -> None:
            self.n_outages += 1
            self._database.take_away()
            try:
                self._enough.wait(away_s)
            finally:
                self._database.bring_back()

        def change() -> None:
            next(self._changes)()

        each = ((change_s, change), (kill_s, self._kill), (outage_s, outage))
        threads = [threading.Thread(target=self._again_and_again, args=one) for one in each]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in threads:
                thread.join()

    def _kill(self) -> None:
        """Kill the youngest: the eldest shows what becomes of the memory of one that lives."""
        workers = self._server.workers()
        if len(workers) > 1:
            self.kills.append(Kill(workers[-1], time.perf_counter()))
            with suppress(ProcessLookupError):
                os.kill(workers[-1], signal.SIGKILL)

    def _again_and_again(self, every_s: float, do: Callable[[], None]) -> None:
        while not self._enough.wait(every_s):
            try:
                do()
            except Exception as error:  # noqa: BLE001 - one that fails must not end the others
                self.failures.append(f"{type(error).__name__}: {error}")
