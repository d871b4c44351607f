"""
Tornado in front of the WSGI application.

Bytes are read and written on the event loop, requests are worked on by a pool of threads. A body over the limit is
read off the wire and thrown away chunk by chunk, so that a client that is still sending gets its answer.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.wsgi import WSGIContainer
from werkzeug.test import run_wsgi_app

_log = logging.getLogger(__name__)

# Bodies up to this are read to their end and then refused; larger ones lose the connection at once.
_READ_AT_MOST: Final = 1 << 30

_BODY_WITHIN_S: Final = 60.0  # a client that sends slower than this has left, or wishes us ill

# Answered on a thread of their own: whoever watches the process must not wait for those who use it.
_SPARED: Final = frozenset({"/healthz", "/readyz"})
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]*\]|[^:]*)(?P<port>:[0-9]{1,5})?:?")

_Response: TypeAlias = tuple[list[bytes], str, list[tuple[str, str]]]
WSGIApplication: TypeAlias = Callable[..., Iterable[bytes]]


class TornadoFront(httputil.HTTPServerConnectionDelegate):
    """Hands requests to a WSGI application and knows how many are in flight."""

    def __init__(self, application: WSGIApplication, *, threads: int, max_body_bytes: int) -> None:
        self._application = application
        self._environ = WSGIContainer(application).environ
        self._max_body_bytes = max_body_bytes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._spare = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._draining = False
        self._server = HTTPServer(self, max_body_size=_READ_AT_MOST, body_timeout=_BODY_WITHIN_S)
        self._in_flight = _InFlight()
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, host: str, port: int) -> int:
        """Take connections, and give the port they come to."""
        sockets = bind_sockets(port, host)
        self._server.add_sockets(sockets)
        return int(sockets[0].getsockname()[1])

    async def drain(self, at_most_s: float) -> None:
        """Take no more connections, finish what is in flight, then close."""
        self._draining = True
        self._server.stop()
        try:
            await asyncio.wait_for(self._in_flight.none_left(), at_most_s)
        except TimeoutError:
            _log.warning("%d requests were still in flight after %.1f s", len(self._in_flight), at_most_s)
        await self._server.close_all_connections()
        for pool in (self._pool, self._spare):
            pool.shutdown(wait=False, cancel_futures=True)

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> "_Incoming":  # noqa: ARG002 - Tornado's signature
        """Begin to receive a request."""
        return _Incoming(request_conn, self._max_body_bytes, self._in_flight, self._begin_to_answer)

    def _begin_to_answer(self, incoming: "_Incoming", request: httputil.HTTPServerRequest) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(incoming, request))
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, incoming: "_Incoming", request: httputil.HTTPServerRequest) -> None:
        try:
            chunks, status, headers = await self._response(request)
            written = httputil.HTTPHeaders()
            for name, value in headers:
                written.add(name, value)
            if self._draining:
                written["Connection"] = "close"
            code, _, reason = status.partition(" ")
            start_line = httputil.ResponseStartLine("HTTP/1.1", int(code), reason)
            sent = incoming.connection.write_headers(start_line, written, b"".join(chunks))
            incoming.connection.finish()
            await sent
        except StreamClosedError:
            pass  # the client left, and there is nobody to tell
        except Exception:  # noqa: BLE001 - one request must not end the loop
            _log.exception("a request could not be answered")
            if isinstance(incoming.connection, HTTP1Connection):
                incoming.connection.close()  # the client must not wait for what will not come
        finally:
            self._in_flight.discard(incoming)

    async def _response(self, request: httputil.HTTPServerRequest) -> "_Response":
        host = _HOST.fullmatch(request.host)
        if host is None:
            return [], "400 Bad Request", [("Content-Length", "0")]
        request.host = host["name"] + (host["port"] or "")
        pool = self._spare if request.path in _SPARED else self._pool
        return await asyncio.get_running_loop().run_in_executor(pool, self._run, self._environ(request))

    def _run(self, environ: dict[str, Any]) -> "_Response":
        chunks, status, headers = run_wsgi_app(self._application, environ, buffered=True)
        return list(chunks), status, list(headers)


class _InFlight:
    """The requests that have come in, at least their heads, and are not answered."""

    def __init__(self) -> None:
        self._requests: set[_Incoming] = set()
        self._none_left = asyncio.Event()
        self._none_left.set()

    def __len__(self) -> int:
        """Count them."""
        return len(self._requests)

    def add(self, incoming: "_Incoming") -> None:
        """Take one more."""
        self._requests.add(incoming)
        self._none_left.clear()

    def discard(self, incoming: "_Incoming") -> None:
        """Let one go, answered or given up by its client."""
        self._requests.discard(incoming)
        if not self._requests:
            self._none_left.set()

    async def none_left(self) -> None:
        """Wait until there is none."""
        await self._none_left.wait()


class _Incoming(httputil.HTTPMessageDelegate):
    """One request while it comes in."""

    def __init__(
        self,
        connection: httputil.HTTPConnection,
        max_body_bytes: int,
        in_flight: _InFlight,
        complete: "Callable[[_Incoming, httputil.HTTPServerRequest], None]",
    ) -> None:
        self.connection = connection
        self._max_body_bytes, self._in_flight, self._complete = max_body_bytes, in_flight, complete
        self._request: httputil.HTTPServerRequest | None = None
        self._chunks: list[bytes] = []
        self._n_bytes = 0

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        """Take the head of the request; from here on it is in flight."""
        assert isinstance(start_line, httputil.RequestStartLine)  # noqa: S101 - a server receives no responses
        self._request = httputil.HTTPServerRequest(connection=self.connection, start_line=start_line, headers=headers)
        self._in_flight.add(self)

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, or of one too large only its size."""
        self._n_bytes += len(chunk)
        if self._n_bytes > self._max_body_bytes:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    def finish(self) -> None:
        """Hand the request on; the size of a body stands in its headers, so that a missing one is refused."""
        assert self._request is not None  # noqa: S101 - headers come first
        self._request.body = b"".join(self._chunks)
        self._request.headers.pop("Transfer-Encoding", None)
        if self._n_bytes:
            self._request.headers["Content-Length"] = str(self._n_bytes)
        self._complete(self, self._request)

    def on_connection_close(self) -> None:
        """Forget a request whose client left before it was whole."""
        self._in_flight.discard(self)
