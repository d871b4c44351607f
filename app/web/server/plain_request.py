"""
The requests that nearly all clients send nearly always, read in one pass.

A request is plain where nothing about it has to be interpreted: a path without escapes, HTTP/1.1, each header once and
in printable ASCII, a body with its length or none. Whatever else may be right or wrong in HTTP is left to Tornado, so
this knows no errors.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

HEAD_AT_MOST: Final = 8_192
"""Bytes; who sends a longer head is not plain."""
BODY_AT_MOST: Final = 65_536

_HEAD: Final = re.compile(rb"(GET|POST) (/[A-Za-z0-9._~/@-]*) HTTP/1\.1\r\n((?:[A-Za-z0-9_-]+:[ -~\t]*\r\n)+)\r\n")
_LENGTH: Final = re.compile(r"[0-9]{1,7}", re.ASCII)
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9._-]*)(?::[0-9]{0,5})?", re.ASCII)
# They change what a body is, or what a server has to do.
_NOT_PLAIN: Final = frozenset({"transfer-encoding", "expect", "upgrade", "te", "trailer", "content-encoding"})


class PlainRequest(NamedTuple):
    """A whole request; header names are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    n_bytes: int
    """Of the request, so that what follows it is the next one."""


class Unfinished(NamedTuple):
    """What may become a plain request; `has_head` says whether only its body is missing."""

    has_head: bool


def read_plain(received: bytes) -> PlainRequest | Unfinished | None:
    """Read the first request of what was received; None where it is not plain."""
    head = _HEAD.match(received)
    if head is None:
        could_be = len(received) <= HEAD_AT_MOST and b"\r\n\r\n" not in received
        return Unfinished(has_head=False) if could_be else None
    if head.end() > HEAD_AT_MOST:
        return None
    method, path, lines = head.groups()
    headers = _headers(lines.decode())
    if headers is None:
        return None
    length = headers.get("content-length", "0" if method == b"GET" else "")
    if not _LENGTH.fullmatch(length) or int(length) > BODY_AT_MOST:
        return None
    end = head.end() + int(length)
    if len(received) < end:
        return Unfinished(has_head=True)
    return PlainRequest(method.decode(), path.decode(), headers, received[head.end() : end], end)


def _headers(lines: str) -> dict[str, str] | None:
    """Give the headers by name; None where one of them is not plain."""
    headers = {}
    n_lines = 0
    for line in lines.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
        n_lines += 1
    if len(headers) < n_lines or not _NOT_PLAIN.isdisjoint(headers):
        return None
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return headers if _HOST.fullmatch(headers.get("host", "\0")) else None
