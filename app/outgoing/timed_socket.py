"""A connection whose every wait ends at one moment, however slowly the other side sends."""

import io
import socket
import time


class Deadline:
    """A moment by which something has to be done."""

    def __init__(self, within_s: float) -> None:
        """Give so many seconds from now on."""
        self._at = time.monotonic() + within_s

    def left_s(self) -> float:
        """
        Say how many seconds are left.

        Raises:
            TimeoutError: none.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class TimedSocket:
    """What `http.client` needs of a socket."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        """Use a connection until the deadline."""
        self._connection, self._deadline = connection, deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._connection.settimeout(self._deadline.left_s())
        self._connection.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Give what is received, to be read."""
        assert mode == "rb"  # noqa: S101 - http.client reads bytes
        return io.BufferedReader(_Received(self._connection, self._deadline))

    def close(self) -> None:
        """Leave the connection to whoever made it; `http.client` closes it before it reads the last of an answer."""


class _Received(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection, self._deadline = connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer, which nobody else names
        self._connection.settimeout(self._deadline.left_s())
        return self._connection.recv_into(buffer)
