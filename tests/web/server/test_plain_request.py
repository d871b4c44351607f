"""What is read as a plain request is what Tornado would have read, and whatever is in doubt is left to Tornado."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders, parse_request_start_line

from app.web.server.plain_request import BODY_AT_MOST, HEAD_AT_MOST, PlainRequest, Unfinished, read_plain

BODY = json.dumps({"text": "hello"}).encode()


def post(
    *headers: bytes, line: bytes = b"POST /predict HTTP/1.1", body: bytes = BODY, host: bytes = b"Host: x"
) -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([line, host, length, *headers, b"", body])


def test_a_request_is_read_to_its_last_byte() -> None:
    request = read_plain(post(b"X-Request-ID:  r1 \t", b"Content-Type: application/json") + b"GET /next")

    assert isinstance(request, PlainRequest)
    assert (request.method, request.path, request.body) == ("POST", "/predict", BODY)
    assert request.headers["x-request-id"] == "r1"
    assert request.headers["content-type"] == "application/json"
    assert request.n_bytes == len(post(b"X-Request-ID:  r1 \t", b"Content-Type: application/json"))


def test_a_request_without_a_body_is_whole_with_its_head() -> None:
    request = read_plain(b"GET /models/flights@2 HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: Keep-Alive\r\n\r\n")

    assert isinstance(request, PlainRequest)
    assert (request.path, request.body) == ("/models/flights@2", b"")


def test_what_has_come_of_a_request_may_become_one() -> None:
    whole = post(b"Content-Type: application/json")
    head_ends = whole.index(b"\r\n\r\n") + 4

    read = [read_plain(whole[:n]) for n in range(len(whole))]

    assert read[:head_ends] == [Unfinished(has_head=False)] * head_ends
    assert read[head_ends:] == [Unfinished(has_head=True)] * (len(whole) - head_ends)


NOT_PLAIN = {
    "another method": post(line=b"PUT /predict HTTP/1.1"),
    "a change": post(line=b"PATCH /models/desk/examples/7 HTTP/1.1"),
    "a removal": post(line=b"DELETE /models/desk/examples/7 HTTP/1.1"),
    "a query of a removal": post(line=b"DELETE /models/desk/examples?intent=x HTTP/1.1", body=b""),
    "HTTP/1.0": post(line=b"POST /predict HTTP/1.0"),
    "HTTP/1.10": post(line=b"POST /predict HTTP/1.10"),
    "an escape in the path": post(line=b"POST /models/a%2fb HTTP/1.1"),
    "a query": post(line=b"POST /predict?a=1 HTTP/1.1"),
    "a whole address": post(line=b"POST http://x/predict HTTP/1.1"),
    "two blanks": post(line=b"POST  /predict HTTP/1.1"),
    "a blank line before": b"\r\n" + post(),
    "no length": b"POST /predict HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": post(b"Content-Length: 3"),
    "the same length twice": post(b"Content-Length: %d" % len(BODY)),
    "a list of lengths": b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
    "a signed length": b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
    "a length in hexadecimal": b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
    "an empty length": b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nabc",
    "a body beyond what is kept": b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    % (BODY_AT_MOST + 1),
    "chunks": post(b"Transfer-Encoding: chunked"),
    "chunks with a blank before the colon": post(b"Transfer-Encoding : chunked"),
    "chunks in a folded line": post(b"X: y\r\n Transfer-Encoding: chunked"),
    "an upgrade": post(b"Upgrade: h2c"),
    "an expectation": post(b"Expect: 100-continue"),
    "a packed body": post(b"Content-Encoding: gzip"),
    "a last request": post(b"Connection: close"),
    "a header of the connection": post(b"Connection: keep-alive, x-secret"),
    "no host": post(host=b"X: y"),
    "two hosts": post(b"Host: y"),
    "an odd host": post(host=b"Host: a b"),
    "a header twice": post(b"X-Request-ID: a", b"x-request-id: b"),
    "a bare line feed": post(b"X: a\nY: b"),
    "a bare carriage return": post(b"X: a\rY: b"),
    "a NUL": post(b"X: a\0b"),
    "letters beyond ASCII": post("X: é".encode()),
    "a header without a name": post(b": x"),
    "a header without a colon": post(b"hello"),
    "a head that does not end": b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * HEAD_AT_MOST,
    "a long head": post(b"X: " + b"y" * HEAD_AT_MOST),
}


@pytest.mark.parametrize("sent", NOT_PLAIN.values(), ids=NOT_PLAIN.keys())
def test_what_has_to_be_interpreted_is_not_plain(sent: bytes) -> None:
    assert read_plain(sent) is None


PARTS = [
    *(b"GET ", b"POST ", b"/predict", b"/", b" HTTP/1.1", b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"%20", b"abc"),
    *(b"Content-Length: 3\r\n", b"content-length:0\r\n", b"Transfer-Encoding: chunked\r\n", b"\x80", b"\0"),
    *(
        b"Host: x\r\n",
        b"Connection: close\r\n",
        b"connection:\tkeep-alive \r\n",
        b"X-Y: z\r\n",
        b"Expect: 100-continue\r\n",
    ),
]


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PARTS), max_size=14).map(b"".join)))
def test_tornado_reads_the_same_from_what_is_read_as_plain(received: bytes) -> None:
    request = read_plain(b"POST /predict HTTP/1.1\r\nHost: x\r\n" + received)
    if not isinstance(request, PlainRequest):
        return

    head = (b"POST /predict HTTP/1.1\r\nHost: x\r\n" + received).partition(b"\r\n\r\n")[0].decode("latin1")
    first, _, rest = head.partition("\r\n")
    theirs = HTTPHeaders.parse(rest)
    line = parse_request_start_line(first)
    assert (line.method, line.path) == (request.method, request.path)
    assert {name.lower(): value for name, value in theirs.get_all()} == request.headers
    assert "transfer-encoding" not in {name.lower() for name in theirs}
    assert int(theirs.get("Content-Length", "0")) == len(request.body)
