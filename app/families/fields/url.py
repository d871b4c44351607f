"""An address of the web: host, path and top-level domain. Nothing is fetched."""

import ipaddress
import math
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from .contract import FieldReader, Presence, Reading, malformed, quoted
from .hosts import has_labels, suffixes

_LONGEST: Final = 2_048
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_WORDS: Final = re.compile(r"[^\W_]+")
_MOST_WORDS: Final = 30

NUMBERS: Final = (
    "is encrypted",
    "has a scheme",
    "characters of the host",
    "labels of the host",
    "hyphens of the host",
    "digits of the host",
    "is an address of numbers",
    "depth of the path",
    "characters of the path",
    "has a query",
    "has a port",
)


def _read(text: str) -> Reading:
    text = text.strip()
    if len(text) > _LONGEST or any(map(str.isspace, text)):
        return malformed(f"not an address of the web: {quoted(text)}")
    has_scheme = bool(_SCHEME.match(text))
    try:
        parts = urlsplit(text if has_scheme or text.startswith("//") else f"//{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return malformed(f"not an address of the web: {quoted(text)}")
    if has_scheme and parts.scheme not in ("http", "https"):
        return malformed(f"not an address of the web, for its scheme is {quoted(parts.scheme)}")
    is_numbers = _is_address(host)
    if not is_numbers and not has_labels(host):
        return malformed(f"not an address of the web, for its host is none: {quoted(text)}")
    host = host.removeprefix("www.") if host.count(".") > 1 else host
    return Reading(Presence.HELD, _terms(host, parts, is_numbers=is_numbers), (
        float(parts.scheme == "https"),
        float(has_scheme),
        *_looks(host, parts, is_numbers=is_numbers),
        float(port is not None),
    ))  # fmt: skip


def _terms(host: str, parts: SplitResult, *, is_numbers: bool) -> tuple[tuple[str, ...], ...]:
    of_host = () if is_numbers else tuple([f"h {ending}" for ending in suffixes(host)])
    words = [f"n {word}" for word in _WORDS.findall(host)[:_MOST_WORDS]]
    words += [f"p {word}" for word in _WORDS.findall(parts.path.casefold())[:_MOST_WORDS]]
    return of_host, tuple(words)


def _looks(host: str, parts: SplitResult, *, is_numbers: bool) -> tuple[float, ...]:
    path = parts.path.strip("/")
    return (
        math.log1p(len(host)),
        float(host.count(".") + 1),
        float(host.count("-")),
        float(sum(map(str.isdigit, host))),
        float(is_numbers),
        float(path.count("/") + 1 if path else 0),
        math.log1p(len(path)),
        float(bool(parts.query)),
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


READER: Final = FieldReader(NUMBERS, _read)
