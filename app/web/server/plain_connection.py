"""
A connection as long as its client sends plain requests.

Requests are read off the socket and answered there and then, without streams, futures or tasks between: those take
longer than a prediction. With the first request that is not plain, the connection is Tornado's, and what was received
of it too.
"""

import asyncio
import socket
from typing import Any, Final, Protocol

from ..reply import Reply
from .plain_request import PlainRequest, Unfinished, read_plain
from .waiting import Phase
from .wire import written

_READ_AT_ONCE: Final = 65_536


class Keeper(Protocol):
    """Who keeps plain connections."""

    @property
    def is_leaving(self) -> bool: ...  # noqa: D102 - whether each reply is the last of its connection
    def answer(self, connection: "PlainConnection", request: PlainRequest) -> bool: ...  # noqa: D102 - False: cannot say what it means
    def began(self, connection: "PlainConnection") -> None: ...  # noqa: D102 - to wait for its body, or for its answer
    def ended(self, connection: "PlainConnection") -> None: ...  # noqa: D102
    def slow(self, seconds: float) -> Reply: ...  # noqa: D102 - what a client is told that lets us wait
    def take_over(self, connection: socket.socket, address: Any, received: bytes) -> None: ...  # noqa: ANN401, D102
    def closed(self, connection: "PlainConnection", *, taken_over: bool) -> None: ...  # noqa: D102


class PlainConnection:
    """One client; all methods are called on the event loop."""

    __slots__ = ("_has_said_all", "_is_begun", "_is_last", "_is_open", "_is_reading", "_keeper", "_loop", "_received",
                 "_socket", "_unsent", "address", "peer", "phase", "since")  # fmt: skip

    def __init__(self, keeper: Keeper, connection: socket.socket, address: Any) -> None:  # noqa: ANN401 - as its family has it
        """Take a connection; nothing is read yet."""
        self._keeper, self._socket, self.address = keeper, connection, address
        self._loop = asyncio.get_running_loop()
        self._received = self._unsent = b""
        self.peer = str(address[0])
        """The address that the client comes from."""
        self._is_begun = self._is_last = self._is_reading = self._has_said_all = False
        self._is_open = True
        self.phase, self.since = Phase.REQUEST, self._loop.time()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        """Begin to read; a client that was quick is answered at once."""
        self._go_on_reading()
        self._read()

    def reply(self, reply: Reply) -> None:
        """Answer the request that was received."""
        if not self._is_open:
            return
        self._is_last = self._is_last or self._keeper.is_leaving
        self._unsent = written(reply, is_last=self._is_last)
        self._write()

    def refuse(self, reply: Reply) -> None:
        """Tell a client that is not read from, and hang up."""
        self._is_last = True
        self.reply(reply)
        self.close()

    def end_slow(self, seconds: float) -> None:
        """Tell the client that it was waited for long enough."""
        self.refuse(self._keeper.slow(seconds))

    def close(self) -> None:
        """Hang up."""
        if self._is_open:
            self._let_go(taken_over=False)
            self._socket.close()

    def _read(self) -> None:
        if self.phase is Phase.ANSWER:  # who asks again before, or hangs up, waits in the socket
            self._stop_reading()
            return
        try:
            received = self._socket.recv(_READ_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.close()
            return
        if not received:
            self._end_of_what_is_asked()
            return
        self._received = self._received + received if self._received else received
        self._next()

    def _next(self) -> None:
        """Answer the first of what was received."""
        if not self._received or not self._is_open or self.phase in {Phase.ANSWER, Phase.CLIENT}:
            return
        found = read_plain(self._received)
        if isinstance(found, Unfinished):
            self._wait_for_more(found)
        elif found is None or not self._keeper.answer(self, found):
            received = self._received
            self._let_go(taken_over=True)
            self._keeper.take_over(self._socket, self.address, received)

    def take(self, request: PlainRequest) -> None:
        """Leave a request to be answered; what comes after it waits in the socket."""
        self._received = self._received[request.n_bytes :]
        self.phase = Phase.ANSWER

    def wait(self) -> None:
        """Count the request until its answer is there; what its client sends meanwhile is read after that."""
        self._begin()

    def _end_of_what_is_asked(self) -> None:
        """Answer what was asked before, for its client may still read, or hang up where there is nothing left."""
        self._has_said_all = True
        self._stop_reading()
        if self.phase is not Phase.REQUEST or not self._received:
            self.close()

    def _wait_for_more(self, found: Unfinished) -> None:
        if self._has_said_all:
            self.close()
        elif found.has_head:
            self._begin()
            self.phase, self.since = Phase.BODY, self._loop.time()
        elif self.phase is not Phase.HEAD:
            self.phase, self.since = Phase.HEAD, self._loop.time()

    def _write(self) -> None:
        try:
            n_sent = self._socket.send(self._unsent)
        except (BlockingIOError, InterruptedError):
            n_sent = 0
        except OSError:
            self.close()
            return
        if n_sent < len(self._unsent):
            if self.phase is not Phase.CLIENT or n_sent:
                self.phase, self.since = Phase.CLIENT, self._loop.time()
            self._unsent = self._unsent[n_sent:]
            self._stop_reading()
            self._begin()
            self._loop.add_writer(self._socket, self._write)
        else:
            self._finish()

    def _finish(self) -> None:
        if self._is_last or (self._has_said_all and not self._received):
            self.close()
            return
        if self.phase is Phase.CLIENT:
            self._loop.remove_writer(self._socket)
        self._unsent = b""
        self.phase, self.since = Phase.REQUEST, self._loop.time()
        self._end()
        if not self._is_reading and not self._has_said_all:
            self._go_on_reading()
        if self._received:
            self._loop.call_soon(self._next)  # the others come first

    def _begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._keeper.began(self)

    def _end(self) -> None:
        if self._is_begun:
            self._is_begun = False
            self._keeper.ended(self)

    def _go_on_reading(self) -> None:
        self._is_reading = True
        self._loop.add_reader(self._socket, self._read)

    def _stop_reading(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._socket)

    def _let_go(self, *, taken_over: bool) -> None:
        self._is_open = False
        self._stop_reading()
        if self.phase is Phase.CLIENT:
            self._loop.remove_writer(self._socket)
        self._end()
        self._keeper.closed(self, taken_over=taken_over)
