"""Connections over which tests say what they like, byte for byte."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest


class Connection:
    """A connection that says what it is told to, and nothing more."""

    def __init__(self, server: Any) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self._received = self._socket.makefile("rb")
        self._authorization = f"Authorization: {server.authorization}".encode()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_again_and_again(self, data: bytes, times: int) -> None:
        for _ in range(times):
            self.send(data)

    def get(self, path: bytes, *headers: bytes, method: bytes = b"GET", host: bytes = b"x") -> None:
        self.send(b"\r\n".join([method + b" " + path + b" HTTP/1.1", b"Host: " + host, *headers, b"", b""]))

    def asked(self, body: bytes, *headers: bytes, sent: bytes | None = None) -> bytes:
        """Write a request for predictions of `body`; of it only `sent` follows, where that is given."""
        head = [b"POST /predict HTTP/1.1", b"Host: x", b"Content-Type: application/json", self._authorization]
        return b"\r\n".join([*head, b"Content-Length: %d" % len(body), *headers, b"", body if sent is None else sent])

    def predict(self, body: bytes, *headers: bytes, sent: bytes | None = None) -> None:
        """Ask for predictions."""
        self.send(self.asked(body, *headers, sent=sent))

    def begin_to_predict(self, body: bytes) -> None:
        """Send the head of a request, and wait until the server has it and asks for the body."""
        self.predict(body, b"Expect: 100-continue", sent=b"")
        assert self.receive()[0] == 100

    def receive(self, *, head_only: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Give the status, headers and body of the next reply; status 0 where the server has hung up."""
        status = int((self._received.readline().split() or [b"", b"0"])[1])
        headers = {}
        while (line := self._received.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        n_bytes = 0 if head_only else int(headers.get("content-length", 0))
        return status, headers, self._received.read(n_bytes)

    def piece(self) -> bytes:
        """Give what has come, as soon as anything has; nothing where the server has hung up."""
        return self._received.read1(65_536)

    def close(self) -> None:
        self._received.close()
        self._socket.close()


@contextmanager
def connecting() -> Iterator[Callable[[Any], Connection]]:
    """Open connections that are closed when this ends."""
    with ExitStack() as opened:
        yield lambda server: opened.enter_context(closing(Connection(server)))


@pytest.fixture
def connect() -> Iterator[Callable[[Any], Connection]]:
    """Open connections that are closed when the test ends."""
    with connecting() as open_one:
        yield open_one
