"""
Tornado in front of the operations, and of the WSGI application for everything else.

Bytes are read and written on the event loop. A small request that need not wait is answered there and then: to hand it
to a thread and back costs as much as to answer it. All others are worked on by a pool of threads, so that none delays
another. A body over the limit is read off the wire and thrown away chunk by chunk, so that a client that is still
sending gets its answer.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import responses
from typing import Any, Final, TypeAlias

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.wsgi import WSGIContainer
from werkzeug.test import run_wsgi_app

from ..domain.patience import MustWaitError
from .acceptor import Acceptor, Balance
from .answering import Answering, Reply, Request
from .incoming import Incoming, Unfinished
from .routes import Route, Routes

_log = logging.getLogger(__name__)

# Bodies up to this are read to their end and then refused; larger ones lose the connection at once.
_READ_AT_MOST: Final = 1 << 30

_BODY_WITHIN_S: Final = 60.0  # a client that sends slower than this has left, or wishes us ill
_ASKS_AGAIN_WITHIN_S: Final = 0.5  # a client that keeps a connection and has not heard that it will be closed
_TAKES_WAITING_FOR_S: Final = 1.0
_SMALL: Final = 2_048  # bytes of a body that is answered on the loop
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]*\]|[^:]*)(?P<port>:[0-9]{1,5})?:?")

WSGIApplication: TypeAlias = Callable[..., Iterable[bytes]]


class _Server(HTTPServer):
    """Tornado's, which keeps the end of a connection to itself."""

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        if isinstance(self.request_callback, TornadoFront):
            self.request_callback.on_close(server_conn)


class TornadoFront(httputil.HTTPServerConnectionDelegate):
    """Answers requests and knows how many are in flight."""

    def __init__(self, answering: Answering, routes: Routes, pages: WSGIApplication, *, threads: int) -> None:
        """Take the operations, their routes, and what answers everything else."""
        self._answering, self._routes, self._pages = answering, routes, pages
        self._environ = WSGIContainer(pages).environ
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._leaving = False
        self._acceptor: Acceptor | None = None
        self._server = _Server(self, max_body_size=_READ_AT_MOST, body_timeout=_BODY_WITHIN_S)
        self._in_flight, self._connections = Unfinished(), Unfinished()
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, listeners: Sequence[socket.socket], balance: Balance) -> None:
        """Take connections; the sockets are closed when no more are taken."""
        if self._acceptor is None:
            self._acceptor = Acceptor(listeners, balance, self._begin)
            self._acceptor.start()

    def begin_to_leave(self) -> None:
        """Tell each client from now on that its connection will not be kept."""
        self._leaving = True

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
            await asyncio.wait_for(self._connections.none_left(), min(_ASKS_AGAIN_WITHIN_S, at_most_s))
        try:
            async with asyncio.timeout_at(until):
                await self._in_flight.none_left()
        except TimeoutError:
            _log.warning("%d requests were still in flight after %.1f s", len(self._in_flight), at_most_s)

    async def close(self) -> None:
        """Close every connection, whatever is in flight."""
        if self._acceptor is not None:
            self._acceptor.stop()
        await self._server.close_all_connections()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, connection: socket.socket, address: Any) -> None:  # noqa: ANN401 - as the socket's family has it
        self._server.handle_stream(IOStream(connection), address)

    def on_close(self, server_conn: object) -> None:
        """Forget a connection."""
        self._connections.discard(server_conn)
        if self._acceptor is not None:
            self._acceptor.let_go()

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> Incoming:
        """Begin to receive a request; a connection begins with its first."""
        self._connections.add(server_conn)
        return Incoming(request_conn, self._answering.max_body_bytes, self._in_flight, self._begin_to_answer)

    def _begin_to_answer(self, incoming: Incoming, request: httputil.HTTPServerRequest) -> None:
        route = self._routes.find(request.method or "", request.path)
        reply = self._at_once(incoming, request, route)
        if reply is not None:
            self._send(incoming, reply)
            return
        task = asyncio.get_running_loop().create_task(self._answer(incoming, request, route))
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    def _at_once(self, incoming: Incoming, request: httputil.HTTPServerRequest, route: Route | None) -> Reply | None:
        """Answer on the loop what is small and need not wait."""
        host = _HOST.fullmatch(request.host)
        if host is None:
            return Reply(400, (("Content-Length", "0"),), b"")
        request.host = host["name"] + (host["port"] or "")
        if route is None or not route.operation.brief or incoming.n_bytes > _SMALL:
            return None
        try:
            return self._answering.answer(route.operation, _asked(incoming, request, route), may_wait=False)
        except MustWaitError:
            return None

    async def _answer(self, incoming: Incoming, request: httputil.HTTPServerRequest, route: Route | None) -> None:
        try:
            loop = asyncio.get_running_loop()
            if route is not None:
                asked = _asked(incoming, request, route)
                reply = await loop.run_in_executor(self._pool, self._answering.answer, route.operation, asked)
            else:
                reply = await loop.run_in_executor(self._pool, self._page, self._environ(request))
            self._send(incoming, reply)
        except Exception:  # noqa: BLE001 - one request must not end the loop
            _log.exception("a request could not be answered")
            if isinstance(incoming.connection, HTTP1Connection):
                incoming.connection.close()  # the client must not wait for what will not come
            self._in_flight.discard(incoming)

    def _page(self, environ: dict[str, Any]) -> Reply:
        chunks, status, headers = run_wsgi_app(self._pages, environ, buffered=True)
        return Reply(int(status.partition(" ")[0]), list(headers), b"".join(chunks))

    def _send(self, incoming: Incoming, reply: Reply) -> None:
        written = httputil.HTTPHeaders()
        for name, value in reply.headers:
            written.add(name, value)
        is_last = self._leaving
        if is_last:
            written["Connection"] = "close"
        start_line = httputil.ResponseStartLine("HTTP/1.1", reply.status, responses.get(reply.status, "Unknown"))
        try:
            sent = incoming.connection.write_headers(start_line, written, reply.body)
            incoming.connection.finish()
        except StreamClosedError:  # the client left, and there is nobody to tell
            self._in_flight.discard(incoming)
            return
        sent.add_done_callback(lambda _: self._end(incoming, is_last=is_last))

    def _end(self, incoming: Incoming, *, is_last: bool) -> None:
        if is_last and isinstance(incoming.connection, HTTP1Connection):
            incoming.connection.close()  # as was said: Tornado heeds only what the client said
        self._in_flight.discard(incoming)


def _asked(incoming: Incoming, request: httputil.HTTPServerRequest, route: Route) -> Request:
    body = None if incoming.is_too_large else request.body
    return Request(request.headers.get, body, route.parameters, request.remote_ip or "")
