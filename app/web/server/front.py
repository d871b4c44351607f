"""What a worker answers its port with: plain requests straight off their sockets, all others through Tornado."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..answering import Answering
from ..reply import Reply
from ..request import Request
from ..routes import Routes
from .acceptor import Acceptor, Balance
from .desk import Desk
from .in_flight import InFlight
from .plain_connection import PlainConnection
from .plain_request import PlainRequest
from .tornado_front import TornadoFront, WSGIApplication
from .turns import NotingSelector, Turns
from .waiting import Client, Patience, end_slow_ones, longest_idle
from .work import Work

_log = logging.getLogger(__name__)

_ASKS_AGAIN_WITHIN_S: Final = 1.0  # a client that keeps a connection and has not heard that it will be closed
_TAKES_WAITING_FOR_S: Final = 1.0
_LOOKS_EVERY_S: Final = 1.0
_AT_ONCE: Final = 8  # files are needed for more than connections


class FrontLimits(NamedTuple):
    """How much at once, and for how long."""

    threads: int
    max_wait_s: float
    """Who would wait longer for a turn on the event loop is refused, and who has, while many wait."""
    answer_within_s: float
    """What takes longer in a thread is answered by an error."""
    max_connections: int
    patience: Patience


class Front:
    """Answers the requests of connections from `accept` to `close`; all methods are called on the event loop."""

    def __init__(  # noqa: PLR0913 - the parts of a server
        self,
        answering: Answering,
        routes: Routes,
        pages: WSGIApplication,
        limits: FrontLimits,
        selector: NotingSelector,
        *,
        uploads: Path,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """
        Take the operations, their routes, and what answers everything else.

        Args:
            answering: answers operations.
            routes: their routes.
            pages: answers everything else.
            limits: how much at once, and for how long.
            selector: the event loop's.
            uploads: a folder for bodies that are put on disk.
            tls: what connections are encrypted with; None: they are not.
        """
        self._routes, self._limits, self._tls = routes, limits, tls
        self.in_flight = InFlight()
        self._work = Work(limits.threads, limits.answer_within_s)
        self._desk = Desk(answering, Turns(selector, limits.max_wait_s), self._work)
        self._tornado = TornadoFront(self._desk, routes, pages, self.in_flight, self._let_go, uploads)
        self._plain: set[PlainConnection] = set()
        self._acceptor: Acceptor | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether each reply is the last of its connection."""
        return self._tornado.is_leaving

    @property
    def is_stuck(self) -> bool:
        """Whether requests that need a thread will not be answered any more."""
        return self._work.is_stuck

    def accept(self, listeners: Sequence[socket.socket], balance: Balance) -> None:
        """Take connections; the sockets are closed when no more are taken."""
        if self._acceptor is None:
            self._acceptor = Acceptor(listeners, balance, self._take, self._free_files)
            self._acceptor.start()
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def begin_to_leave(self) -> None:
        """Tell each client from now on that its connection will not be kept, and none to wait for what is not there."""
        self._desk.begin_to_leave()
        self._tornado.is_leaving = True

    async def finish(self, at_most_s: float, *, take_waiting: bool) -> None:
        """
        Take no more connections, and finish what is in flight.

        Args:
            at_most_s: for how long.
            take_waiting: whether connections that wait to be accepted are taken first, for nobody else will.
        """
        self.begin_to_leave()
        if self._acceptor is not None:
            if take_waiting:
                await self._acceptor.take_what_waits(_TAKES_WAITING_FOR_S)
            self._acceptor.stop()
        until = asyncio.get_running_loop().time() + at_most_s
        with suppress(TimeoutError):
            await asyncio.wait_for(self.in_flight.no_connections(), min(_ASKS_AGAIN_WITHIN_S, at_most_s))
        try:
            async with asyncio.timeout_at(until):
                await self.in_flight.no_requests()
        except TimeoutError:
            _log.warning("%d requests were still in flight after %.1f s", self.in_flight.n_requests, at_most_s)

    async def close(self) -> None:
        """Close every connection, whatever is in flight."""
        if self._acceptor is not None:
            self._acceptor.stop()
        if self._watching is not None:
            self._watching.cancel()
        for connection in list(self._plain):
            connection.close()
        await self._tornado.close()
        self._work.close()

    # Of plain connections, their keeper.

    def answer(self, connection: PlainConnection, request: PlainRequest) -> bool:
        """Answer a request to an operation; what is none is not for plain connections."""
        route = self._routes.find(request.method, request.path)
        if route is None or route.operation.streams or route.operation.uploads:
            return False
        connection.take(request)
        asked = Request(request.headers.get, request.body, route.parameters, connection.peer)
        self._desk.take(connection, route.operation, asked)
        return True

    def began(self, connection: PlainConnection) -> None:
        """Count a request."""
        self.in_flight.add(connection)

    def ended(self, connection: PlainConnection) -> None:
        """Count it no more."""
        self.in_flight.discard(connection)

    def slow(self, seconds: float) -> Reply:
        """Make what a client is told that lets us wait."""
        return self._desk.slow(seconds)

    def take_over(self, connection: socket.socket, address: Any, received: bytes) -> None:  # noqa: ANN401 - as its family has it
        """Give a connection to Tornado."""
        self._tornado.take(connection, address, received)

    def closed(self, connection: PlainConnection, *, taken_over: bool) -> None:
        """Forget a connection."""
        self._plain.discard(connection)
        self.in_flight.close(connection)
        if not taken_over:
            self._let_go()

    def _let_go(self) -> None:
        if self._acceptor is not None:
            self._acceptor.let_go()

    def _take(self, connection: socket.socket, address: Any) -> None:  # noqa: ANN401 - as its family has it
        has_room = self._make_room()
        if self._tls is not None:
            self._take_tls(connection, address, self._tls, has_room=has_room)
            return
        plain = PlainConnection(self, connection, address)
        self._plain.add(plain)
        self.in_flight.open(plain)
        if has_room:
            plain.start()
        else:
            plain.refuse(self._desk.full())

    def _take_tls(self, connection: socket.socket, address: Any, tls: ssl.SSLContext, *, has_room: bool) -> None:  # noqa: ANN401 - as above
        """Hand a connection to Tornado, which shakes hands; to be refused a client would have to do so first."""
        if has_room:
            connection.setblocking(False)
            self._tornado.take_tls(connection, address, tls)
        else:
            connection.close()
            self._let_go()

    def _make_room(self) -> bool:
        """Let go of the client that has asked for nothing longest, where there is no room, and say whether there is."""
        if self.in_flight.n_connections < self._limits.max_connections:
            return True
        idle = longest_idle(self._clients())
        if idle is not None:
            idle.close()
        return idle is not None

    def _free_files(self) -> bool:
        """Let go of some who ask for nothing, where the system has no file descriptor left, and say whether any was."""
        n_before = self.in_flight.n_connections
        for _ in range(_AT_ONCE):
            if (idle := longest_idle(self._clients())) is not None:
                idle.close()
        return self.in_flight.n_connections < n_before

    def _clients(self) -> list[Client]:
        return [*self._plain, *self._tornado.incoming.values()]

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        interval_s = min(_LOOKS_EVERY_S, min(self._limits.patience) / 2)
        while True:
            await asyncio.sleep(interval_s)
            end_slow_ones(self._clients(), self._limits.patience, loop.time())
            self._work.tidy()
