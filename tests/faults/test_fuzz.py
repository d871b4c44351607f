"""No bytes that are sent make a server error or end a process; what the document describes: tests/attacks."""

import json
import re
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.raw_connection import connecting
from tests.wellbeing import unharmed

SHORT, LONG = 120, 3_000
"""Examples in a test run, and in `make test-long`."""
_EVERYTHING = list(HealthCheck)

_METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT", "get", "X" * 300])
_PATHS = st.sampled_from(["/predict", "/healthz", "/models/tiny", "/", "*", "/metrics", "/%00", "http://x/predict", ""])
_VERSIONS = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.9", "HTTP/", ""])
_LINE_ENDS = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\n "])
_NAMES = st.sampled_from(
    ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Content-Type", "Authorization",
     "X-Request-ID", "Origin", "Access-Control-Request-Method", "X-Forwarded-For", "Content-Encoding", "Cookie"]
) | st.text(string.ascii_letters + "-_ :\t\0", max_size=12)  # fmt: skip
_VALUES = st.sampled_from(
    ["x", "x:80", "x:99999", "[::1]", "[::1", "0", "17", "-1", "+5", "1e3", "5, 5", "chunked", "gzip, chunked",
     "close", "keep-alive", "upgrade", "100-continue", "application/json", "Basic YWRtaW46", "Basic ====", "Bearer x",
     "a" * 9000, "*", "\xff", "\t"]
) | st.text(st.characters(max_codepoint=255), max_size=20)  # fmt: skip
_BODIES = st.binary(max_size=40) | st.sampled_from(
    [b'{"text": "hello"}', b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"\r\n\r\n"]
)


@st.composite
def _requests(draw: st.DrawFn) -> bytes:
    """Something like a request."""
    end = draw(_LINE_ENDS) if draw(st.integers(0, 9)) == 0 else b"\r\n"
    first = " ".join([draw(_METHODS), draw(_PATHS), draw(_VERSIONS)]).encode()
    headers = draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=5))
    lines = [first, b"Host: x", *(f"{name}: {value}".encode("latin-1") for name, value in headers)]
    return end.join(lines) + end + end + draw(_BODIES)


_SENT = st.lists(_requests() | st.binary(max_size=200), min_size=1, max_size=3).map(b"".join)


def _send(server: Any, sent: bytes) -> None:
    """Send it, say that nothing follows, and read whatever comes."""
    with connecting() as connect:
        connection = connect(server)
        try:
            connection.send(sent)
            connection._socket.shutdown(1)
            answered = connection._received.read()
        except ConnectionError:
            return  # what it says to who does not listen is lost
    for status in re.findall(rb"^HTTP/1\.1 (\d\d\d) ", answered, re.MULTILINE):
        assert int(status) < 500 or int(status) == 501, (sent, answered)


def _fuzz_bytes(server: Any, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=_EVERYTHING, database=None)
    @given(_SENT)
    def send(sent: bytes) -> None:
        _send(server, sent)

    with unharmed(server):
        send()


def test_bytes_like_a_request_make_no_server_error(target: Any) -> None:
    _fuzz_bytes(target, SHORT)


@pytest.mark.long
def test_many_more_bytes_like_a_request_make_no_server_error(target: Any) -> None:
    _fuzz_bytes(target, LONG)


def test_made_up_methods_paths_and_models_are_no_labels_of_metrics(target: Any) -> None:
    with unharmed(target):
        before = len(target.get("/metrics").body.splitlines())
        for number in range(300):
            target.request(f"M{number}", f"/path/{number}")
            target.post("/predict", {"text": "hello", "model": f"m{number}"})
            target.request("GET", f"/models/m{number}", headers={"X-Request-ID": f"r{number}"})

        assert len(target.get("/metrics").body.splitlines()) < before + 120
        assert b"m299" not in target.get("/metrics").body


def test_what_is_told_of_an_error_is_no_way_into_a_page(target: Any) -> None:
    with unharmed(target):
        for text in ("<script>alert(1)</script>", "\r\nSet-Cookie: a=b", "{{7*7}}", "%0d%0aX: y"):
            replies = [
                target.post("/predict", {"text": "a", text: 1}),
                target.post("/predict", {"text": "a", "model": text}),
                target.request("GET", "/" + json.dumps(text)[1:-1].replace(" ", "%20")),
            ]

            assert {reply.headers["Content-Type"] for reply in replies} == {"application/json"}
            assert all(reply.headers.get("Set-Cookie") is None for reply in replies)
            assert "49" not in json.loads(replies[2].body)["error"]["message"]
