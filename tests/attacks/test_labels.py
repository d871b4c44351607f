"""What strangers make up becomes no name in metrics (S37)."""

from typing import Any

import pytest

from tests.raw_connection import connecting
from tests.wellbeing import unharmed
from tests.workers import until

N = 10_000
AT_ONCE = 500


def _series(server: Any) -> set[str]:
    lines = server.get("/metrics").body.decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if line and not line.startswith("#")}


def _counted(server: Any) -> float:
    lines = server.get("/metrics").body.decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("parley_requests_total"))


FIRST = 40
MADE_UP = {
    "models": b'POST /predict HTTP/1.1\r\nHost: x\r\n%(proof)b\r\nContent-Type: application/json\r\n'
    b'Content-Length: 36\r\n\r\n{"text": "a", "model": "m%(n)08d" }',
    "paths": b"GET /made/up/%(n)08d HTTP/1.1\r\nHost: x\r\n\r\n",
    "models in paths": b"GET /models/m%(n)08d HTTP/1.1\r\nHost: x\r\n%(proof)b\r\n\r\n",
    "methods": b"MADEUP%(n)08d /predict HTTP/1.1\r\nHost: x\r\n\r\n",
    "users": b"GET /models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer u%(n)08d\r\n\r\n",
}  # fmt: skip


def _ask_for(server: Any, request: bytes, numbers: range) -> set[int]:
    proof = f"Authorization: {server.authorization}".encode()
    with connecting() as connect:
        connection = connect(server)
        connection.send(b"".join(request % {b"n": number, b"proof": proof} for number in numbers))
        return {connection.receive()[0] for _ in numbers}


@pytest.mark.parametrize(
    "request_line",
    [
        pytest.param(request, id=name, marks=[pytest.mark.controls("few-labels")] if name == "methods" else [])
        for name, request in MADE_UP.items()
    ],
)
@pytest.mark.parametrize("n", [1_000, pytest.param(N, marks=pytest.mark.long)])
def test_ten_thousand_names_that_are_made_up_are_no_new_series(server: Any, request_line: bytes, n: int) -> None:
    """S37. The first of them may be new: a 404 where there was none before, a 429 where guesses were too many."""
    with unharmed(server):
        statuses = _ask_for(server, request_line, range(N, N + FIRST))
        before = _counted(server)
        until(lambda: _counted(server) >= before + FIRST)
        known = _series(server)
        before = _counted(server)

        for start in range(0, n, AT_ONCE):
            statuses |= _ask_for(server, request_line, range(start, start + AT_ONCE))
        until(lambda: _counted(server) >= before + n)

        assert statuses <= {401, 404, 405, 429}  # 429: as a proof, what is made up is a guess
        assert _series(server) - known == set()
