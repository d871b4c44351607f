"""A worker's end of the socket to its supervisor."""

import asyncio
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Final, Protocol

from . import briefing as briefings
from .board import Board
from .briefing import Briefing
from .words import Note, Order

_OVERSTAYED: Final = 1


class Orderly(Protocol):
    """A worker that can be told what to do; each method is called on its event loop, and may be called twice."""

    def accept(self) -> None: ...  # noqa: D102 - see `Order`
    def stop(self) -> None: ...  # noqa: D102
    def retire(self, *, last: bool = False) -> None: ...  # noqa: D102
    def hasten(self) -> None: ...  # noqa: D102


class WorkerLink:
    """Hears orders, and tells that its worker lives. A worker without a supervisor ends."""

    def __init__(self, fd: int) -> None:
        """Take the file descriptor that the worker was started with."""
        self._socket = socket.socket(fileno=fd)
        self._lines = self._socket.makefile("rb")

    def briefing(self) -> Briefing:
        """
        Wait for what the supervisor says first.

        Raises:
            EOFError: it died before.
        """
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the supervisor is gone")
        briefing = briefings.read(line)
        self._board, self._place = Board(briefing.board), briefing.place
        return briefing

    def hold(self, n_connections: int | None) -> None:
        """Tell the other workers how many connections this one holds; None: it takes no more."""
        self._board.write(self._place, n_connections)

    def fewest_elsewhere(self) -> int:
        """Give how many connections that other worker holds which holds the fewest."""
        return self._board.fewest_beside(self._place)

    def listen(self, worker: Orderly, loop: asyncio.AbstractEventLoop, *, ends_within_s: float) -> None:
        """Hand orders on, from a thread: where the loop hangs and the supervisor is gone, it ends the process."""
        arguments = (worker, loop, ends_within_s)
        threading.Thread(target=self._listen, args=arguments, name="supervisor", daemon=True).start()

    def _listen(self, worker: Orderly, loop: asyncio.AbstractEventLoop, ends_within_s: float) -> None:
        orders = {Order.ACCEPT: worker.accept, Order.STOP: worker.stop, Order.HASTEN: worker.hasten}
        with suppress(RuntimeError):  # the loop is closed: the worker is about to end
            with suppress(OSError):
                for line in self._lines:
                    loop.call_soon_threadsafe(orders.get(Order(line.decode().strip()), worker.retire))
            loop.call_soon_threadsafe(lambda: worker.retire(last=True))
        time.sleep(ends_within_s)
        os._exit(_OVERSTAYED)

    def beat(self) -> None:
        """Tell that the event loop turns."""
        self._say(Note.BEAT)

    def loaded(self) -> None:
        """Tell that connections may come."""
        self._say(Note.LOADED)

    def _say(self, note: Note) -> None:
        with suppress(OSError):  # the supervisor is gone, which the thread above sees too, or asleep
            self._socket.send(note.encode() + b"\n", socket.MSG_DONTWAIT)
