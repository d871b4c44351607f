"""Requests while they come in over Tornado, and what has not come to its end."""

import asyncio
from collections.abc import Callable

from tornado import httputil


class Unfinished:
    """Requests that have come in, at least their heads, and are not answered; or connections that are open."""

    def __init__(self) -> None:
        self._members: set[object] = set()
        self._none_left = asyncio.Event()
        self._none_left.set()

    def __len__(self) -> int:
        """Count them."""
        return len(self._members)

    def add(self, member: object) -> None:
        """Take one more."""
        self._members.add(member)
        self._none_left.clear()

    def discard(self, member: object) -> None:
        """Let one go, however it ended."""
        self._members.discard(member)
        if not self._members:
            self._none_left.set()

    async def none_left(self) -> None:
        """Wait until there is none."""
        await self._none_left.wait()


class Incoming(httputil.HTTPMessageDelegate):
    """One request while it comes in."""

    def __init__(
        self,
        connection: httputil.HTTPConnection,
        max_body_bytes: int,
        in_flight: Unfinished,
        complete: "Callable[[Incoming, httputil.HTTPServerRequest], None]",
    ) -> None:
        self.connection = connection
        self._max_body_bytes, self._in_flight, self._complete = max_body_bytes, in_flight, complete
        self._request: httputil.HTTPServerRequest | None = None
        self._chunks: list[bytes] = []
        self.n_bytes = 0
        """Of the body, so far."""

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
        self.n_bytes += len(chunk)
        if self.is_too_large:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    def finish(self) -> None:
        """Hand the request on; the size of a body stands in its headers, so that a missing one is refused."""
        assert self._request is not None  # noqa: S101 - headers come first
        self._request.body = b"".join(self._chunks)
        self._request.headers.pop("Transfer-Encoding", None)
        if self.n_bytes:
            self._request.headers["Content-Length"] = str(self.n_bytes)
        self._complete(self, self._request)

    @property
    def is_too_large(self) -> bool:
        """Whether the body is over the limit, and thrown away."""
        return self.n_bytes > self._max_body_bytes

    def on_connection_close(self) -> None:
        """Forget a request whose client left before it was whole."""
        self._in_flight.discard(self)
