"""A worker as its supervisor sees it."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from . import briefing as briefings
from .briefing import Briefing
from .words import Note, Order

_READ_AT_ONCE: Final = 4096


class Patience(NamedTuple):
    """How long a worker may be silent, in seconds."""

    start_s: float
    """Until its models are loaded."""
    heartbeat_s: float
    """Between two signs of life."""


class WorkerProcess:
    """A process of its own, started afresh: what it runs has threads, which no fork survives."""

    def __init__(
        self, slot: int, command: Sequence[str], briefing: Briefing, on_loaded: Callable[["WorkerProcess"], None]
    ) -> None:
        """
        Start it.

        Args:
            slot: the place among the workers that it fills, from 0.
            command: what to run; the file descriptor of its link is added.
            briefing: what it is told first.
            on_loaded: called once it can answer.

        Raises:
            OSError: the system has no room for it.
        """
        self.slot, self.briefing, self._on_loaded = slot, briefing, on_loaded
        self.began_at = self.heard_at = time.monotonic()
        self.is_alive_told = self.is_loaded = self.is_accepting = self.is_leaving = False
        self.killed_because: str | None = None
        """Why its supervisor killed it, where it did."""
        self.decided, self.gone = asyncio.Event(), asyncio.Event()
        """Set when it is loaded or gone; when it is gone."""
        self._link, theirs = socket.socketpair()
        self._link.setblocking(False)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), briefing.board, briefing.counts, *briefing.sockets),
                start_new_session=True,  # signals of a terminal are for the supervisor
            )
        except OSError:
            self._link.close()
            raise
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._send(briefings.written(briefing))
        asyncio.get_running_loop().add_reader(self._link, self._hear)

    def tell(self, order: Order) -> None:
        """Say what to do; it is not awaited."""
        self.is_accepting |= order is Order.ACCEPT
        self.is_leaving |= order in (Order.STOP, Order.RETIRE)
        self._send(order.encode() + b"\n")

    def kill(self, because: str) -> None:
        """End it at once, whatever state it is in."""
        self.killed_because = self.killed_because or because
        self._process.kill()

    def fault(self, patience: Patience, now: float) -> str | None:
        """Say what is wrong with it, where something is."""
        if self.is_alive_told and now - self.heard_at > patience.heartbeat_s:
            return "hung"
        if not self.is_loaded and now - self.began_at > patience.start_s:
            return "slow to start"
        return None

    def forgive(self, seconds: float) -> None:
        """Count some time as if it had not passed."""
        self.heard_at += seconds
        self.began_at += seconds

    def exit_code(self) -> int | None:
        """Give its exit code, negative for a signal, or None while it runs."""
        return self._process.poll()

    def release(self) -> None:
        """Give back what was held for it, now that it is gone."""
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()
        self.gone.set()
        self.decided.set()

    def _send(self, line: bytes) -> None:
        with suppress(OSError):  # it died, or it is stuck and does not read: both are seen elsewhere
            self._link.send(line)

    def _hear(self) -> None:
        try:
            heard = self._link.recv(_READ_AT_ONCE)
        except OSError:
            heard = b""
        if not heard:
            asyncio.get_running_loop().remove_reader(self._link)
            return
        self.heard_at, self.is_alive_told = time.monotonic(), True
        if Note.LOADED.encode() in heard.split(b"\n") and not self.is_loaded:
            self.is_loaded = True
            self.decided.set()
            self._on_loaded(self)
