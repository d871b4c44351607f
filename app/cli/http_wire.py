"""HTTP/1.1 as a load test needs it: requests as bytes made once, and responses read as they come."""

import base64
import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

_HEAD_AT_MOST: Final = 1 << 16
_PORTS: Final = {"http": 80, "https": 443}
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*\r\n", re.IGNORECASE)
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")
_FINAL: Final = 200  # below it a response only announces another
_WITHOUT_BODY: Final = (204, 304)


class Target(NamedTuple):
    """Where requests go."""

    host: str
    port: int
    tls: bool
    authority: str
    """As the header `Host` has it."""
    path: str
    """Before `/predict`; empty, or beginning with a slash."""

    @classmethod
    def parse(cls, url: str) -> "Target":
        """
        Take a URL apart.

        Raises:
            ValueError: it is none that requests can be sent to; the sentence does not repeat it.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("expected http://HOST:PORT or https://HOST")
        if "@" in parts.netloc:
            raise ValueError("no user or password belongs in it; --user and --password-env take them")
        if parts.query or parts.fragment:
            raise ValueError("nothing may stand after its path")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("only ASCII without spaces may stand in it")
        port = parts.port or _PORTS[parts.scheme]
        path = parts.path.rstrip("/").removesuffix("/predict")
        return cls(parts.hostname, port, parts.scheme == "https", parts.netloc, path)

    def get(self, path: str) -> bytes:
        """Write a GET request."""
        return f"GET {self.path}{path} HTTP/1.1\r\nHost: {self.authority}\r\n\r\n".encode()

    def post(self, path: str, content: object, authorization: str | None = None) -> bytes:
        """Write a POST request with a JSON body."""
        body = msgspec.json.encode(content)
        proof = f"Authorization: {authorization}\r\n" if authorization else ""
        head = (
            f"POST {self.path}{path} HTTP/1.1\r\nHost: {self.authority}\r\n{proof}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def basic(user: str, password: str) -> str:
    """Write HTTP Basic's proof."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Response(NamedTuple):
    """What came back; `head` is the status line and the headers, `stays` whether the connection can be used again."""

    status: int
    head: bytes
    body: bytes
    stays: bool

    def has(self, header: str) -> bool:
        """Say whether a header is there."""
        return f"\r\n{header.lower()}:".encode() in self.head.lower()


class ResponseReader:
    """Reads the responses of a connection, one after the other."""

    def __init__(self) -> None:
        self._data, self._head, self._status = b"", b"", 0

    def feed(self, data: bytes, *, ended: bool = False) -> Response | None:
        """
        Take bytes and give the response when it is complete; `ended` where none will follow.

        Raises:
            ValueError: this is no HTTP/1.1.
        """
        self._data += data
        if not self._head and not self._read_head():
            return None
        body = self._body(ended=ended)
        if body is None:
            return None
        stays = not ended and _CLOSE.search(self._head) is None and self._head.startswith(b"HTTP/1.1")
        response = Response(self._status, self._head, body, stays)
        self._head = b""
        return response

    def _read_head(self) -> bool:
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            line = _STATUS_LINE.match(self._data)
            if line is None:
                raise ValueError("an answer that is not HTTP/1.1")
            self._status = int(line[1])
            head, self._data = self._data[: end + 2], self._data[end + 4 :]
            if self._status >= _FINAL:
                self._head = head
                return True
        if len(self._data) > _HEAD_AT_MOST:
            raise ValueError("an answer whose headers do not end")
        return False

    def _body(self, *, ended: bool) -> bytes | None:
        if length := _LENGTH.search(self._head):
            return self._taken(int(length[1]))
        if _CHUNKED.search(self._head):
            return self._chunks()
        if self._status in _WITHOUT_BODY:
            return b""
        return self._taken(len(self._data)) if ended else None

    def _taken(self, n_bytes: int) -> bytes | None:
        if len(self._data) < n_bytes:
            return None
        body, self._data = self._data[:n_bytes], self._data[n_bytes:]
        return body

    def _chunks(self) -> bytes | None:
        """Give the body once its last chunk is here; what has come so far is read anew each time, for it is little."""
        body, at = b"", 0
        while size := _CHUNK_SIZE.match(self._data, at):
            start, n_bytes = size.end(), int(size[1], 16)
            if n_bytes == 0:
                end = start if self._data.startswith(b"\r\n", start) else self._data.find(b"\r\n\r\n", start) + 2
                if end < start or len(self._data) < end + 2:
                    return None
                self._data = self._data[end + 2 :]
                return body
            body += self._data[start : start + n_bytes]
            at = start + n_bytes + 2
        return None
