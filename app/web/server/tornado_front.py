"""
Tornado in front of the operations, and of the WSGI application for everything else.

It has the connections whose clients use more of HTTP than plain requests. A body over the limit is read off the wire
and thrown away chunk by chunk, so that a client that is still sending gets its answer.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.wsgi import WSGIContainer
from werkzeug.test import run_wsgi_app

from ...domain.load_errors import OverloadedError
from ..authentication import PROOF_HEADERS
from ..reply import Reply
from ..request import Request, media_type
from ..routes import Routes
from .desk import Desk
from .in_flight import InFlight
from .incoming import Incoming
from .prefilled_stream import PrefilledStream
from .spool import Spool
from .tls_stream import TlsStream

# Bodies up to this are read to their end and then refused; larger ones lose the connection at once.
_READ_AT_MOST: Final = 1 << 30
_HEAD_AT_MOST: Final = 1 << 16
_HELD_AT_MOST: Final = 1 << 26
"""Bytes of the bodies of all requests together; nobody has to prove anything to send one."""

_UPLOADS_AT_ONCE: Final = 16
"""Of a worker."""

_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]*\]|[^:]*)(?P<port>:[0-9]{1,5})?:?")

WSGIApplication: TypeAlias = Callable[..., Iterable[bytes]]


class _Server(HTTPServer):
    """Tornado's, which keeps the end of a connection to itself."""

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        if isinstance(self.request_callback, TornadoFront):
            self.request_callback.on_close(server_conn)


class TornadoFront(httputil.HTTPServerConnectionDelegate):
    """Answers the requests of connections that it is given."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a server
        self,
        desk: Desk,
        routes: Routes,
        pages: WSGIApplication,
        in_flight: InFlight,
        closed: Callable[[], None],
        uploads: Path,
    ) -> None:
        """
        Take what requests are answered with.

        Args:
            desk: answers operations.
            routes: their routes.
            pages: answers all else.
            in_flight: counts connections and requests.
            closed: called for each connection that ends.
            uploads: a folder for bodies that are put on disk.
        """
        self._desk, self._routes, self._pages, self._in_flight, self._closed = desk, routes, pages, in_flight, closed
        self._uploads = uploads
        self._environ = WSGIContainer(pages).environ
        self._server = _Server(self, max_header_size=_HEAD_AT_MOST, max_body_size=_READ_AT_MOST)
        self._server.conn_params.header_timeout = None  # each wait of it costs a timer; see waiting.py
        self.is_leaving = False
        """Whether each reply is the last of its connection."""
        self.incoming: dict[object, Incoming] = {}
        """By the stream of a connection, the request that it waits for or answers."""
        self._n_held = 0

    def take(self, connection: socket.socket, address: Any, received: bytes) -> None:  # noqa: ANN401 - as its family has it
        """Take a connection, of which something was received already."""
        stream = PrefilledStream(connection, received)
        self._in_flight.open(stream)
        self._in_flight.add(stream)  # until Tornado has found a request in it
        self._server.handle_stream(stream, address)

    def take_tls(self, connection: socket.socket, address: Any, context: ssl.SSLContext) -> None:  # noqa: ANN401 - as above
        """Take a connection whose client speaks TLS; nothing was received of it."""
        try:
            stream = TlsStream(connection, context)
        except OSError:  # the client left
            connection.close()
            self._closed()
            return
        self._in_flight.open(stream)
        self._server.handle_stream(stream, address)

    async def close(self) -> None:
        """Close every connection, whatever is in flight."""
        await self._server.close_all_connections()

    def on_close(self, server_conn: object) -> None:
        """Forget a connection."""
        assert isinstance(server_conn, HTTP1ServerConnection)  # noqa: S101 - there is no other
        stream = server_conn.stream
        self._in_flight.discard(stream)
        if (incoming := self.incoming.pop(stream, None)) is not None:
            self.ended(incoming)
        self._in_flight.close(stream)
        self._closed()

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> Incoming:  # noqa: ARG002 - as Tornado calls it
        """Begin to receive a request."""
        assert isinstance(request_conn, HTTP1Connection)  # noqa: S101 - there is no other
        self.incoming[request_conn.stream] = incoming = Incoming(request_conn, self)
        return incoming

    @property
    def max_body_bytes(self) -> int:
        """Longer ones are thrown away."""
        return self._desk.max_body_bytes

    def began(self, incoming: Incoming) -> None:
        """Count a request of which the head is there."""
        self._in_flight.add(incoming)
        self._in_flight.discard(incoming.stream)

    def ended(self, incoming: Incoming) -> None:
        """Count one no more."""
        self._in_flight.discard(incoming)
        self.release(incoming)
        if incoming.spool is not None:
            incoming.spool.close()
            incoming.spool = None

    def hold(self, incoming: Incoming, n_bytes: int) -> bool:
        """Keep some of a body, where there is room beside those of all others."""
        if self._n_held + n_bytes > max(_HELD_AT_MOST, self.max_body_bytes):
            return False
        self._n_held += n_bytes
        incoming.n_held += n_bytes
        return True

    def spool(self, request: httputil.HTTPServerRequest) -> Spool | None:
        """Give what puts the body of an upload on disk; who proves nothing has nothing put there."""
        route = self._routes.find(request.method or "", request.path)
        sent = request.headers.get("Content-Type", "")
        if route is None or media_type(sent) not in route.operation.uploads:
            return None
        if not any(name in request.headers for name in PROOF_HEADERS):
            return None
        fault = OverloadedError() if self._n_spools() >= _UPLOADS_AT_ONCE else None
        return Spool(self._uploads, sent, self._desk.max_upload_bytes, fault)

    def _n_spools(self) -> int:
        return sum(incoming.spool is not None for incoming in self.incoming.values())

    def release(self, incoming: Incoming) -> None:
        """Keep nothing of a body any more."""
        self._n_held -= incoming.n_held
        incoming.n_held = 0

    def slow(self, seconds: float) -> Reply:
        """Make what a client is told that lets us wait."""
        return self._desk.slow(seconds)

    def answer(self, incoming: Incoming, request: httputil.HTTPServerRequest) -> None:
        """Answer a request that is whole."""
        if incoming.found_no_room:
            incoming.reply(self._desk.full())
            return
        host = _HOST.fullmatch(request.host)
        if host is None:
            incoming.reply(Reply(400, (("Content-Length", "0"),), b""))
            return
        request.host = host["name"] + (host["port"] or "")  # it becomes part of the WSGI environment
        route = self._routes.find(request.method or "", request.path)
        if route is None:
            self._desk.take_page(incoming, partial(self._page, self._environ(request)))
        else:
            body = None if incoming.is_too_large else request.body
            upload = incoming.spool.finished() if incoming.spool else None
            header, peer = request.headers.get, request.remote_ip or ""
            asked = Request(header, body, route.parameters, peer, request.query, upload)
            if incoming.spool is not None and incoming.spool.fault is not None:
                self._desk.refuse(incoming, route.operation, asked, incoming.spool.fault)
            else:
                self._desk.take(incoming, route.operation, asked)

    def _page(self, environ: dict[str, Any]) -> Reply:
        chunks, status, headers = run_wsgi_app(self._pages, environ, buffered=True)
        return Reply(int(status.partition(" ")[0]), list(headers), b"".join(chunks))
