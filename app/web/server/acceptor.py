"""
Connections from listening sockets that other processes accept from too.

A worker takes one connection at a time, and leaves one to the others while it holds more than another does: the first
to wake would else take all that wait. One that nobody else takes soon is taken after all.
"""

import asyncio
import logging
import select
import socket
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

_log = logging.getLogger(__name__)

_AHEAD: Final = 2  # connections more than another worker holds
_LOOKS_AGAIN_AFTER_S: Final = 0.001
_LEFT_FOR_S: Final = 0.02
_THEN_TAKES_FOR_S: Final = 0.25  # what comes, when another worker did not
_NO_ROOM_FOR_S: Final = 0.1  # when the process has no file descriptor left


class Balance(Protocol):
    """What workers know of each other."""

    def hold(self, n_connections: int | None) -> None: ...  # noqa: D102 - tells the others; None: it takes no more
    def fewest_elsewhere(self) -> int: ...  # noqa: D102 - how many connections another one holds


class Acceptor:
    """Takes connections from `start` to `stop`."""

    def __init__(
        self,
        listeners: Iterable[socket.socket],
        balance: Balance,
        take: Callable[[socket.socket, Any], None],
        make_room: Callable[[], bool],
    ) -> None:
        """
        Begin with nothing.

        Args:
            listeners: sockets to accept from; they are this object's from now on.
            balance: what the other workers hold.
            take: is given each connection and its address.
            make_room: closes connections that can be done without, and says whether there were any.
        """
        self._listeners, self._balance, self._take, self._make_room = list(listeners), balance, take, make_room
        self._is_open = self._takes_all = self._has_told = False
        self._n_held = 0
        self._left_since: float | None = None
        self._takes_until = 0.0

    def start(self) -> None:
        """Take connections from now on."""
        if not self._is_open:
            self._is_open = True
            self._balance.hold(self._n_held)
            for listener in self._listeners:
                asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def stop(self) -> None:
        """Take no more, and close the sockets."""
        self._is_open = False
        self._balance.hold(None)
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        self._listeners.clear()

    def let_go(self) -> None:
        """Count a connection that has ended."""
        self._n_held -= 1
        if self._is_open:
            self._balance.hold(self._n_held)

    async def take_what_waits(self, at_most_s: float) -> None:
        """Take all that wait to be accepted, since nobody else will."""
        self._takes_all = True
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most_s
        while self._is_open and any(map(_has_waiting, self._listeners)) and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the loop accepts

    def _accept(self, listener: socket.socket) -> None:
        if self._is_for_others():
            self._pause(listener, _LOOKS_AGAIN_AFTER_S)
            return
        self._left_since = None
        try:
            connection, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # somebody else took it, or its client left
        except OSError as error:
            self._tell(error)
            self._pause(listener, _LOOKS_AGAIN_AFTER_S if self._make_room() else _NO_ROOM_FOR_S)
            return
        self._n_held += 1
        self._balance.hold(self._n_held)
        self._take(connection, address)

    def _tell(self, error: OSError) -> None:
        if not self._has_told:
            _log.error("a connection cannot be accepted, and this is said once: %s", error)
        self._has_told = True

    def _is_for_others(self) -> bool:
        """Whether another worker should take the connection that waits."""
        now = asyncio.get_running_loop().time()
        if self._takes_all or now < self._takes_until or self._n_held - self._balance.fewest_elsewhere() < _AHEAD:
            return False
        self._left_since = self._left_since or now
        if now - self._left_since < _LEFT_FOR_S:
            return True
        self._takes_until = now + _THEN_TAKES_FOR_S
        return False

    def _pause(self, listener: socket.socket, seconds: float) -> None:
        """Do not look at a socket for a while; looking all the time would take the time the others need."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        loop.call_later(seconds, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if not self._is_open:
            return
        if not _has_waiting(listener):
            self._left_since = None
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)


def _has_waiting(listener: socket.socket) -> bool:
    polled = select.poll()
    polled.register(listener, select.POLLIN)
    return bool(polled.poll(0))
