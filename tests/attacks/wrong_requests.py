"""Each operation of the server, asked wrongly in every way that somebody who tries things out would think of."""

import json
from collections.abc import Iterator

from app.web.application import OPERATIONS

Request = tuple[str, str, bytes, dict[str, str]]

_JSON = {"Content-Type": "application/json"}
_NAMES = ["tiny", "nope", "..%2f..%2fetc", "'; DROP TABLE jobs; --", "%00", "m" * 300, "-1", "1", "9" * 40]
_BODIES: list[tuple[bytes, dict[str, str]]] = [
    (b"", {}),
    (b"{", _JSON),
    (b"{}", _JSON),
    (b"[]", _JSON),
    (json.dumps({"text": None, "model": "../x", "version": "x", "examples": 7, "config": []}).encode(), _JSON),
    (json.dumps({"model": "tiny", "config": {"family": "os.system", "training": {"epochs": "x"}}}).encode(), _JSON),
    (json.dumps({"model": "tiny", "examples": [{"text": "a", "intent": "b"}] * 3, "family": "x"}).encode(), _JSON),
    (b'{"text": "' + b"x" * 20_000 + b'"}', _JSON),
    (b" " * (2 << 20), _JSON),
    (b"PK\x03\x04", {"Content-Type": "application/zip"}),
    (b"a,b\n", {"Content-Type": "text/csv"}),
    (b"--b--", {"Content-Type": "multipart/form-data; boundary=b"}),
    (b"grant_type=x&client_id=%00", {"Content-Type": "application/x-www-form-urlencoded"}),
    (b"x", {"Content-Type": "application/vnd.bentoml+pickle"}),
]
_QUERIES = ["", "?limit=x", "?limit=-1&before='", "?format=../x", "?a=%ff", "?wait=perhaps", "?from=x&to=y"]
_METHODS = ["GET", "POST", "PUT", "DELETE"]


def wrong_requests() -> Iterator[Request]:
    """Give them; the bodies that are large only once for each path."""
    for path in dict.fromkeys(operation.path for operation in OPERATIONS if not operation.streams):
        methods = {operation.method for operation in OPERATIONS if operation.path == path}
        for name in _NAMES if "{" in path else [""]:
            filled = "/".join(_quoted(name) if part.startswith("{") else part for part in path.split("/"))
            for method in methods:
                yield method, filled + "?a=%ff", b"", {"Authorization": "Basic %%%"}
                yield method, filled + "?nope=1", b"{", _JSON
        first = "/".join("tiny" if part.startswith("{") else part for part in path.split("/"))
        for method in methods & {"POST", "PUT", "PATCH"}:
            for body, headers in _BODIES:
                yield method, first, body, headers
        for query in _QUERIES if "GET" in methods else ():
            yield "GET", first + query, b"", {}
        for method in {*_METHODS} - methods:
            yield method, first, b"{}", _JSON


def _quoted(name: str) -> str:
    return name.replace(" ", "%20").replace("'", "%27")
