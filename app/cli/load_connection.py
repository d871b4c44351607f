"""A connection of a load test."""

import asyncio
import os
import time
from typing import Protocol

from .http_wire import Response, ResponseReader


class Owner(Protocol):
    """Who is told what comes of a connection's requests."""

    def answered(self, connection: "LoadConnection", response: Response, now: float) -> None:
        """Take an answer in, and say what is sent next."""

    def failed(self, reason: str) -> None:
        """Count a request that gets no answer."""

    def lost(self, connection: "LoadConnection") -> None:
        """Do without the connection."""


class LoadConnection(asyncio.Protocol):
    """A connection with at most one request on its way."""

    def __init__(self, owner: Owner) -> None:
        self._owner, self._reader = owner, ResponseReader()
        self._transport: asyncio.Transport | None = None
        self.busy, self.n_answers = False, 0
        self.due = self.sent = 0.0
        """When the request was due, and when it was written."""
        self.request = b""
        """What was written last."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def send(self, request: bytes, due: float) -> None:
        """Write a request."""
        self.busy, self.due, self.sent, self.request = True, due, time.perf_counter(), request
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()

    def give_up(self, reason: str) -> None:
        """Wait for no answer any more."""
        self.busy = False
        self._owner.failed(reason)
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._read(data, ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; what has come may be an answer all the same."""
        if self.busy:
            self._read(b"", ended=True)
        if self.busy:
            self.give_up(f"connection lost: {reason_of(exc) if exc else 'closed without an answer'}")
        self._owner.lost(self)

    def _read(self, data: bytes, *, ended: bool) -> None:
        now = time.perf_counter()
        try:
            response = self._reader.feed(data, ended=ended)
        except ValueError as error:
            self.give_up(str(error))
            return
        if response is not None and self.busy:
            self.busy = False
            self.n_answers += 1
            self._owner.answered(self, response, now)


def reason_of(error: Exception) -> str:
    """Say what is wrong with a connection."""
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)  # asyncio's own sentence has the address in it
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
