"""Where one request ends and the next begins is never a matter of opinion (S33)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.raw_connection import Connection, connecting
from tests.wellbeing import unharmed

HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: hidden\r\n\r\n"
LINE = b"POST /predict HTTP/1.1\r\n"
JSON = b"Content-Type: application/json\r\n"
N = b"%d" % len(HIDDEN)


def _head(*lines: bytes, first: bytes = LINE, host: bytes = b"Host: x\r\n") -> bytes:
    return first + host + JSON + b"".join(lines) + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
TORNADO = "through Tornado"
NONE = b"0\r\n\r\n"

AMBIGUOUS = {
    "a signed length": _head(b"Content-Length: +5\r\n") + b"{   }" + HIDDEN,
    "a negative length": _head(b"Content-Length: -5\r\n") + HIDDEN,
    "an underscore in a length": _head(b"Content-Length: 1_0\r\n") + b"x" * 10 + HIDDEN,
    "a length in hexadecimal": _head(b"Content-Length: 0x5\r\n") + b"{   }" + HIDDEN,
    "a length with a blank": _head(b"Content-Length: 5 5\r\n") + b"{   }" + HIDDEN,
    "an empty length": _head(b"Content-Length: \r\n") + HIDDEN,
    "two lengths": _head(b"Content-Length: 0\r\n", b"Content-Length: " + N + b"\r\n") + HIDDEN,
    "two lengths in one line": _head(b"Content-Length: 0, " + N + b"\r\n") + HIDDEN,
    "a length and chunks": _head(b"Content-Length: 5\r\n", CHUNKED) + b"{   }" + HIDDEN,
    "chunks and a length": _head(CHUNKED, b"Content-Length: " + N + b"\r\n") + NONE + HIDDEN,
    "packed chunks": _head(b"Transfer-Encoding: gzip, chunked\r\n") + NONE + HIDDEN,
    "chunks that are packed": _head(b"Transfer-Encoding: chunked, gzip\r\n") + NONE + HIDDEN,
    "chunks twice": _head(CHUNKED, CHUNKED) + NONE + HIDDEN,
    "chunks of another sort": _head(b"Transfer-Encoding: xchunked\r\n") + NONE + HIDDEN,
    "chunks behind a tab of another kind": _head(b"Transfer-Encoding: \x0bchunked\r\n") + NONE + HIDDEN,
    "a blank before a colon": _head(b"Transfer-Encoding : chunked\r\n", b"Content-Length: " + N + b"\r\n") + HIDDEN,
    "a folded line": _head(b"X: y\r\n Transfer-Encoding: chunked\r\n", b"Content-Length: " + N + b"\r\n") + HIDDEN,
    "a bare carriage return": _head(b"X: y\rTransfer-Encoding: chunked\r\n", b"Content-Length: 0\r\n") + HIDDEN,
    "a NUL in a name": _head(b"Content-Length\0: 5\r\n") + HIDDEN,
    "a size of a chunk with a sign": _head(CHUNKED) + b"+5\r\nhello\r\n" + NONE + HIDDEN,
    "a size of a chunk in front of a blank": _head(CHUNKED) + b"5 \r\nhello\r\n" + NONE + HIDDEN,
    "a chunk longer than told": _head(CHUNKED) + b"1\r\n{}\r\n" + NONE + HIDDEN,
    "a chunk that ends otherwise": _head(CHUNKED) + b"2\r\n{}\n" + NONE + HIDDEN,
    "a size of sixteen digits and more": _head(CHUNKED) + b"0000000000000000f\r\n" + HIDDEN,
    "two hosts": _head(b"Host: y\r\n", b"Content-Length: 0\r\n") + HIDDEN,
    "no host": _head(b"Content-Length: 0\r\n", host=b"") + HIDDEN,
}
AS_PLAIN = {"a signed length", "an underscore in a length", "a length and chunks"}
"""What a careless reader would take for a plain request."""
BEFORE = {
    "at first": b"",
    "after a plain request": HIDDEN,
    TORNADO: HIDDEN.replace(b"/healthz", b"/healthz?x"),
}


def _cases() -> Iterator[Any]:
    for how, before in BEFORE.items():
        for name, sent in AMBIGUOUS.items():
            is_plain = name in AS_PLAIN and how != TORNADO
            marks = [pytest.mark.controls("plain-is-plain")] if is_plain else []
            yield pytest.param(before, sent, id=f"{how}, {name}", marks=marks)


@pytest.mark.parametrize(("before", "sent"), list(_cases()))
def test_what_could_end_in_two_places_is_refused_and_nothing_behind_it_is_answered(
    server: Any, before: bytes, sent: bytes
) -> None:
    """S33."""
    with connecting() as connect:
        connection = connect(server)
        if before:
            connection.send(before)
            assert connection.receive()[0] == 200
        connection.send(sent)

        assert connection.receive()[0] == 400
        assert _rest(connection) == b""


def test_a_server_that_was_lied_to_about_lengths_is_as_it_was(server: Any) -> None:
    """S33."""
    with unharmed(server), connecting() as connect:
        for sent in AMBIGUOUS.values():
            connect(server).send(sent)


def test_a_line_feed_alone_ends_a_line_and_hides_nothing(server: Any) -> None:
    """S33, amended: RFC 9112 lets a bare line feed end a line; a head so written is one head."""
    with connecting() as connect:
        connection = connect(server)
        connection.send(b"GET /healthz HTTP/1.1\nHost: x\nX-Request-ID: first\nContent-Length: " + N + b"\n\n" + HIDDEN)
        connection._socket.shutdown(1)

        assert connection.receive()[1].get("x-request-id") in {"first", None}
        assert b"hidden" not in _rest(connection)


def _rest(connection: Connection) -> bytes:
    with suppress(ConnectionError):
        return connection._received.read()
    return b""
