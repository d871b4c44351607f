"""A stream of Tornado's that begins with what somebody else has received already."""

import asyncio
import socket

from tornado.iostream import IOStream


class PrefilledStream(IOStream):
    """Also tells when its client was last heard."""

    def __init__(self, connection: socket.socket, received: bytes) -> None:
        super().__init__(connection)
        self._given = memoryview(received)
        self.heard_at = asyncio.get_running_loop().time()
        """By the event loop's clock."""

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read from what was received before, then from the socket."""
        if self._given:
            n_read = min(len(buf), len(self._given))
            memoryview(buf)[:n_read] = self._given[:n_read]
            self._given = self._given[n_read:]
            return n_read
        n_read_now = super().read_from_fd(buf)
        if n_read_now:
            self.heard_at = asyncio.get_running_loop().time()
        return n_read_now
