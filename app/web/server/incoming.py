"""A request while it comes in over Tornado, and its reply."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from http.client import responses
from typing import Protocol

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from ..reply import Reply
from .prefilled_stream import PrefilledStream
from .spool import Spool
from .tls_stream import TlsStream
from .waiting import Phase
from .wire import written


class Receiver(Protocol):
    """Who has requests answered."""

    @property
    def is_leaving(self) -> bool: ...  # noqa: D102 - whether each reply is the last of its connection
    @property
    def max_body_bytes(self) -> int: ...  # noqa: D102
    def hold(self, incoming: "Incoming", n_bytes: int) -> bool: ...  # noqa: D102 - False: others have sent too much
    def release(self, incoming: "Incoming") -> None: ...  # noqa: D102 - what was held of it
    def began(self, incoming: "Incoming") -> None: ...  # noqa: D102 - its head is there
    def spool(self, request: httputil.HTTPServerRequest) -> Spool | None: ...  # noqa: D102 - for a body that belongs on disk
    def ended(self, incoming: "Incoming") -> None: ...  # noqa: D102
    def slow(self, seconds: float) -> Reply: ...  # noqa: D102 - what a client is told that lets us wait
    def answer(self, incoming: "Incoming", request: httputil.HTTPServerRequest) -> None: ...  # noqa: D102 - it is whole


class Incoming(httputil.HTTPMessageDelegate):
    """One request of a connection, from the wait for it to the end of its reply."""

    def __init__(self, connection: HTTP1Connection, receiver: Receiver) -> None:
        """Wait for it."""
        self._connection, self._receiver, self.stream = connection, receiver, connection.stream
        self._loop = asyncio.get_running_loop()
        self._request: httputil.HTTPServerRequest | None = None
        self._body = bytearray()  # a list of very many small pieces would be larger than what they hold
        self._phase, self._since = Phase.REQUEST, self._loop.time()
        self.n_bytes = 0
        """Of the body, so far."""
        self.n_held = 0
        """Of them, in memory."""
        self.spool: Spool | None = None
        """What puts the body on disk, where it belongs there."""
        self.found_no_room = False
        """Whether too many others are sending at once, and the body is thrown away."""

    @property
    def phase(self) -> Phase:
        """What its connection waits for."""
        return Phase.HEAD if self._phase is Phase.REQUEST and self._heard_at > self._since else self._phase

    @property
    def since(self) -> float:
        """By the event loop's clock."""
        return self._since

    @property
    def is_too_large(self) -> bool:
        """Whether the body is over the limit, and thrown away."""
        return self.n_bytes > self._receiver.max_body_bytes

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        """Take the head of the request; from here on it is in flight."""
        assert isinstance(start_line, httputil.RequestStartLine)  # noqa: S101 - a server receives no responses
        self._request = httputil.HTTPServerRequest(connection=self._connection, start_line=start_line, headers=headers)
        self._receiver.began(self)
        self.spool = self._receiver.spool(self._request)
        self._enter(Phase.BODY)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Keep a piece of the body, or of one for which there is no room only its size."""
        self._enter(Phase.BODY)
        if self.spool is not None:
            return self.spool.write(chunk)
        self.n_bytes += len(chunk)
        self.found_no_room = self.found_no_room or not (self.is_too_large or self._receiver.hold(self, len(chunk)))
        if self.is_too_large or self.found_no_room:
            self._body.clear()
            self._receiver.release(self)
        else:
            self._body += chunk
        return None

    def finish(self) -> None:
        """Hand the request on; the size of a body stands in its headers, so that a missing one is refused."""
        assert self._request is not None  # noqa: S101 - headers come first
        self._enter(Phase.ANSWER)
        self._request.body = bytes(self._body)
        self._body.clear()
        self._request.headers.pop("Transfer-Encoding", None)
        if self.n_bytes:
            self._request.headers["Content-Length"] = str(self.n_bytes)
        self._receiver.answer(self, self._request)

    def on_connection_close(self) -> None:
        """Forget a request whose client left before it was whole."""
        self._receiver.ended(self)

    def wait(self) -> None:
        """Go on; Tornado reads nothing until the answer is there."""

    def reply(self, reply: Reply) -> None:
        """Answer."""
        is_last = self._receiver.is_leaving
        self._enter(Phase.CLIENT)
        try:
            sent = self._connection.write_headers(*_head(reply, is_last=is_last), reply.body)
            self._connection.finish()
        except StreamClosedError:  # the client left, and there is nobody to tell
            self._receiver.ended(self)
            return
        sent.add_done_callback(lambda _: self._end(is_last=is_last))

    def begin(self, reply: Reply) -> None:
        """Send the head of a reply that comes piece by piece; it is the last of its connection."""
        with suppress(StreamClosedError):  # which the first piece will find too
            self._connection.write_headers(*_head(reply, is_last=True))

    async def send(self, content: bytes) -> bool:
        """Send a piece, and say whether the client is still there to read it."""
        self._enter(Phase.CLIENT)
        try:
            await self._connection.write(content)
        except StreamClosedError:
            return False
        self._enter(Phase.ANSWER)
        return True

    def end(self) -> None:
        """Say that this was all, and hang up."""
        with suppress(StreamClosedError):
            self._connection.finish()
        self._end(is_last=True)

    def end_slow(self, seconds: float) -> None:
        """Tell the client that it was waited for long enough, and hang up."""
        told = written(self._receiver.slow(seconds), is_last=True)
        if not (isinstance(self.stream, TlsStream) and self.stream.is_shaking_hands):
            self.stream.write(told)
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        self._receiver.ended(self)

    def _end(self, *, is_last: bool) -> None:
        if is_last:
            self._connection.close()  # as was said: Tornado heeds only what the client said
        self._receiver.ended(self)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._since = phase, self._loop.time()

    @property
    def _heard_at(self) -> float:
        return self.stream.heard_at if isinstance(self.stream, PrefilledStream | TlsStream) else 0.0


def _head(reply: Reply, *, is_last: bool) -> tuple[httputil.ResponseStartLine, httputil.HTTPHeaders]:
    headers = httputil.HTTPHeaders()
    for name, value in reply.headers:
        headers.add(name, value)
    if is_last:
        headers["Connection"] = "close"
    return httputil.ResponseStartLine("HTTP/1.1", reply.status, responses.get(reply.status, "Unknown")), headers
