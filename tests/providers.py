"""A small OpenID provider, for tests."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from app.domain.outgoing_errors import UnreachableHostError

AUDIENCE = "parley"


class Provider:
    """A small OpenID provider."""

    def __init__(self, issuer: str = "https://id.example/shop") -> None:
        self.issuer, self.asked = issuer, 0
        self.is_away, self.hangs = False, threading.Event()
        self.hangs.set()
        self.keys: dict[str, Any] = {}
        self.rotate("first")

    def rotate(self, name: str) -> None:
        self.keys = {name: ECKey.generate_key("P-256", private=True)}

    def fetch(self, url: str) -> bytes:
        self.asked += 1
        self.hangs.wait(10)
        if self.is_away:
            raise UnreachableHostError("https://id.example", "away")
        if url == f"{self.issuer}/.well-known/openid-configuration":
            return json.dumps({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}).encode()
        assert url == f"{self.issuer}/keys"
        return self.key_set()

    def key_set(self) -> bytes:
        return json.dumps(
            {"keys": [{**key.as_dict(private=False), "kid": name} for name, key in self.keys.items()]}
        ).encode()

    def sign(self, *, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        [(name, own)] = self.keys.items()
        written = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "somebody",
            "exp": int(time.time()) + 60,
            "scope": "predict",
        }
        head = {"alg": "ES256", "kid": name, "typ": "JWT", **(header or {})}
        said = {name: value for name, value in {**written, **claims}.items() if value is not None}
        return jwt.encode(head, said, key or own, algorithms=[head["alg"]])


@contextmanager
def providing() -> Iterator[Provider]:
    """Let a provider answer on a port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = provider.fetch(f"{provider.issuer}{self.path}")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
