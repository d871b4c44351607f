"""Replies to clients: what they hold, whichever server sends them."""

import itertools
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from .operation import Part
from .security_headers import JSON_HEADERS

JSON: Final = "application/json"
REQUEST_ID: Final = "X-Request-ID"
_SANE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_OF_THIS_PROCESS: Final = secrets.token_hex(4)
_numbers: Final = itertools.count()

Headers = Sequence[tuple[str, str]]


class Reply(NamedTuple):
    """What goes back."""

    status: int
    headers: Headers
    body: bytes
    stream: Callable[[], Part] | None = None
    """Gives what follows the head, piece by piece."""
    later: "Callable[[bool], Reply | None] | None" = None
    """Gives the reply itself, once it is there; see `operation.Held`."""


def sane_request_id(given: str | None) -> str:
    """Keep the id that a client gives where it can do no harm in a log, or make one."""
    if given and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return f"{_OF_THIS_PROCESS}{next(_numbers):08x}"


def json_reply(body: msgspec.Struct, status: int, request_id: str, *further: tuple[str, str]) -> Reply:
    """Write a structure as JSON."""
    return text_reply(msgspec.json.encode(body), JSON, status, request_id, *further)


def stream_reply(
    kind: str, following: Callable[[], Part], status: int, request_id: str, *further: tuple[str, str]
) -> Reply:
    """Begin what goes on; no proxy is to keep it back until it is whole."""
    head = (("Content-Type", kind), (REQUEST_ID, request_id), ("X-Accel-Buffering", "no"), *JSON_HEADERS, *further)
    return Reply(status, head, b"", stream=following)


def text_reply(
    content: bytes, kind: str, status: int, request_id: str, *further: tuple[str, str], standing: Headers = JSON_HEADERS
) -> Reply:
    """Write a text of some type; `standing` are the headers of all replies of its kind."""
    headers = (
        ("Content-Type", kind),
        ("Content-Length", str(len(content))),
        (REQUEST_ID, request_id),
        *standing,
        *further,
    )
    return Reply(status, headers, content)
