"""Many small pieces of one request cost no more than their bytes do (S21, S28, S32)."""

import json
from contextlib import suppress
from typing import Any

import pytest

from tests.attacks.cpu import cost
from tests.raw_connection import connecting
from tests.wellbeing import answers_rightly, unharmed
from tests.workers import Clients

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
N_CHUNKS = 65_537
CPU_S = 1.0
REFUSED = {0, 400, 413, 431}
"""0: the server has hung up while the client was still sending."""


def _ask(server: Any, sent: bytes) -> tuple[int, bytes]:
    with connecting() as connect:
        connection = connect(server)
        with suppress(ConnectionError):
            connection.send(sent)
        with suppress(ConnectionError):
            status, _, body = connection.receive()
            return status, body
    return 0, b""


def _chunked(server: Any, body: bytes, n_bytes: int) -> bytes:
    proof = f"Authorization: {server.authorization}\r\n".encode()
    chunks = (body[start : start + n_bytes] for start in range(0, len(body), n_bytes))
    return (
        HEAD
        + proof
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\n\r\n"
    )


def test_a_body_of_very_many_chunks_is_what_it_is_in_one_piece(server: Any) -> None:
    """S21, amended: there is no bound on chunks, for they are put together as they come; there is one on bytes."""
    body = json.dumps({"text": "hello"}).encode().ljust(N_CHUNKS)
    answers_rightly(server)

    with unharmed(server), cost(server) as spent:
        status, answer = _ask(server, _chunked(server, body, 1))

    assert (status, json.loads(answer)["intent"]) == (200, "greeting")
    assert spent.mb < 50


@pytest.mark.controls("bounded-bodies")
def test_chunks_that_are_too_much_together_are_refused_and_not_kept(server: Any) -> None:
    """S21."""
    body = json.dumps({"text": "hello"}).encode().ljust(32 * N_CHUNKS)

    with unharmed(server), cost(server) as spent:
        status, answer = _ask(server, _chunked(server, body, 32))

    assert status == 413
    assert json.loads(answer)["error"]["code"] == "body_too_large"
    assert spent.mb < 50


@pytest.mark.parametrize(
    ("n_bytes", "statuses"),
    [
        (60_000, {401}),
        pytest.param(1 << 20, REFUSED, marks=pytest.mark.controls("bounded-heads")),
        pytest.param(10 << 20, REFUSED, marks=pytest.mark.controls("bounded-heads")),
    ],
)
@pytest.mark.parametrize("kind", [b"Basic", b"Bearer", b"Bearer prl_"])
def test_a_long_proof_is_refused_and_costs_next_to_nothing(
    server: Any, kind: bytes, n_bytes: int, statuses: set[int]
) -> None:
    """S28. What a token may ask for in its `crit` is a matter of tests of OAuth."""
    sent = HEAD + b"Content-Length: 2\r\nAuthorization: " + kind + b" " + b"a" * n_bytes + b"\r\n\r\n{}"

    with unharmed(server), cost(server) as spent:
        status, _ = _ask(server, sent)

    assert status in statuses
    assert spent.seconds < 0.5
    assert spent.mb < 50


def _headers(line: bytes, n: int) -> bytes:
    return b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + line * n + b"\r\n"


def _cookie(n_bytes: int) -> bytes:
    return b'GET / HTTP/1.1\r\nHost: x\r\nCookie: a="' + b"\\" * n_bytes + b'"\r\n\r\n'


HEADS = {
    "20,000 headers": _headers(b"X-A: b\r\n", 20_000),
    "9,000 headers": _headers(b"a:b\r\n", 9_000),
    "one header 6,000 times": _headers(b"Accept: a\r\n", 5_900),
    "a cookie of backslashes": _cookie(60_000),
    "a cookie of quotes": b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b'"' * 60_000 + b"\r\n\r\n",
    "a cookie of many": b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b;" * 15_000 + b"\r\n\r\n",
    "a long line": b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many fields of a query": b"GET /jobs?" + b"a=b&" * 15_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a language of many": b"GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: " + b"a;q=0.1," * 7_500 + b"\r\n\r\n",
    "addresses of many proxies": b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + b"1.2.3.4," * 7_500 + b"\r\n\r\n",
    "a type of many parameters": HEAD[:-2] + b";a=b" * 15_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "a range of many": b"GET /static/landing.css HTTP/1.1\r\nHost: x\r\nRange: bytes=" + b"0-1," * 15_000 + b"\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
def test_a_head_that_is_hard_to_read_costs_less_than_a_second(server: Any, sent: bytes) -> None:
    """S32."""
    with unharmed(server), Clients(server, 1, keep=True) as others, cost(server) as spent:
        status, _ = _ask(server, sent)
        others.answered_more(1)

    assert status < 500
    assert spent.seconds < CPU_S
    assert (others.failed, set(others.answered)) == ([], {200})


def _part(name: bytes, *lines: bytes, content: bytes = b"x") -> bytes:
    return b"\r\n".join([b"--b", b'Content-Disposition: form-data; name="' + name + b'"', *lines, b"", content, b""])


FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
FORMS = {
    "100,000 parts": _part(b"a") * 100_000 + b"--b--\r\n",
    "100,000 parts of no name": b"--b\r\n\r\n\r\n" * 100_000 + b"--b--\r\n",
    "20,000 headers of a part": _part(b"a", *[b"X-A: b"] * 20_000) + b"--b--\r\n",
    "a part that begins with a carriage return": FILE + b"\r" * 5_000_000 + b"\r\n--b--\r\n",
    "a part of line breaks": FILE + b"\r\n" * 2_500_000 + b"\r\n--b--\r\n",
    "a part of beginnings of ends": FILE + b"\r\n--" * 1_250_000 + b"\r\n--b--\r\n",
    "a part without an end": FILE + b"\r\n-" * 1_600_000,
    "a long name of a part": _part(b"\\" * 200_000) + b"--b--\r\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_form_that_is_hard_to_read_costs_less_than_a_second(server: Any, form: bytes) -> None:
    """S32."""
    with unharmed(server, mb=48), Clients(server, 1, keep=True) as others, cost(server) as spent:
        reply = server.request("POST", "/train", form, {"Content-Type": "multipart/form-data; boundary=b"})
        others.answered_more(1)

    assert reply.status in {400, 413, 422}, reply.body
    assert spent.seconds < CPU_S
    assert (others.failed, set(others.answered)) == ([], {200})


@pytest.mark.parametrize("n_bytes", [1_000, 60_000, 1_000_000])
def test_a_boundary_without_end_is_refused(server: Any, n_bytes: int) -> None:
    """S32."""
    kind = b"multipart/form-data; boundary=" + b"b" * n_bytes
    proof = f"Authorization: {server.authorization}".encode()
    head = b"POST /train HTTP/1.1\r\nHost: x\r\n" + proof + b"\r\nContent-Type: " + kind
    body = b"--" + b"b" * n_bytes + b"--\r\n"

    with unharmed(server), cost(server) as spent:
        status, _ = _ask(server, head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    assert status in REFUSED
    assert spent.seconds < CPU_S
