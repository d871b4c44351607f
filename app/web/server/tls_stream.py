"""A stream of Tornado's over TLS."""

import asyncio
import socket
import ssl
from math import inf

from tornado.iostream import SSLIOStream


class TlsStream(SSLIOStream):
    """Shakes hands on its own, and tells when its client was last heard."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        super().__init__(wrapped, ssl_options=context)
        self._last_heard_at = asyncio.get_running_loop().time()

    @property
    def is_shaking_hands(self) -> bool:
        """Whether nothing can be said yet."""
        return self._ssl_accepting

    @property
    def heard_at(self) -> float:
        """By the event loop's clock; who is not done with shaking hands is about to say something."""
        return inf if self._ssl_accepting else self._last_heard_at

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read from the socket."""
        n_read = super().read_from_fd(buf)
        if n_read:
            self._last_heard_at = asyncio.get_running_loop().time()
        return n_read
