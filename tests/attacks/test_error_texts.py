"""Errors say what is wrong with a request, nothing of what is behind it, and give nothing back to be run (S22, S23)."""

import http.client
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.wrong_requests import wrong_requests
from tests.raw_connection import connecting
from tests.server import PASSWORD, Reply
from tests.wellbeing import answers_rightly

INTERNALS = re.compile(
    r"Traceback|File \"|\.py\b|line \d+, in |0x[0-9a-f]{6,}|<class|object at |site-packages|/usr/|/tmp/|/home/|/proc/"
    r"|\b(?:app|parley|flask|werkzeug|tornado|msgspec|sqlalchemy|sqlite3|psycopg|onnxruntime|numpy|redis|argon2)\.\w+"
    r"|\b(?:SELECT|INSERT|UPDATE|DELETE) .*\b(?:FROM|INTO|SET)\b|sqlite|\bErrno\b|Werkzeug/|Python/|TornadoServer",
)
SOMEBODY_ELSES = "the hedgehog that only one person has typed"


def _has_internals(server: Any, text: str) -> bool:
    return bool(INTERNALS.search(text)) or str(server.log.parent) in text or PASSWORD in text


def _answered(server: Any, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply | None:
    with suppress(ConnectionError, http.client.HTTPException):
        reply: Reply = server.request(method, path, body, headers)
        return reply
    return None


def test_no_error_tells_what_is_behind_it_or_what_others_have_typed(expendable: Any) -> None:
    """S22. Every operation, with and without a proof, asked wrongly in many ways."""
    assert expendable.post("/predict", {"text": SOMEBODY_ELSES}).status == 200
    statuses: set[int] = set()

    for method, path, body, headers in wrong_requests():
        reply = _answered(expendable, method, path, body, headers)
        assert reply is not None, (method, path)
        statuses.add(reply.status)
        if reply.status < 400:
            continue
        told = reply.body.decode()
        assert not _has_internals(expendable, told + str(reply.headers)), (method, path, headers, told)
        assert SOMEBODY_ELSES not in told
        assert reply.status < 500, (method, path, told)

    assert statuses >= {400, 401, 404, 405, 413, 415}


@pytest.fixture(scope="module")
def failing(start_server: Callable[..., Any], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server that has lost, since it began, what it was sure of: reports, examples and its database."""
    models = tmp_path_factory.mktemp("failing") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    server = start_server(models, PARLEY_DEFAULT_MODEL="tiny")
    answers_rightly(server)
    for file in (models / "tiny" / "1").iterdir():
        file.unlink()
        file.mkdir()  # what opens it fails in a way that nobody has thought of
    database = server.log.parent / "var" / "parley.db"
    for part in database.parent.glob("parley.db*"):
        part.unlink()
    database.mkdir()
    return server


@pytest.mark.controls("silent-failures")
def test_what_goes_wrong_here_is_told_to_the_log_alone(failing: Any) -> None:
    """S22."""
    asked = [
        ("GET", "/models/tiny/versions/1/report"),
        ("GET", "/models/tiny/versions/1/archive"),
        ("GET", "/models/tiny/diff?from=1&to=2"),
        ("GET", "/models/tiny/examples"),
        ("GET", "/jobs"),
        ("GET", "/audit"),
        ("POST", "/models/tiny/rollback"),
    ]

    replies = [failing.request(method, path) for method, path in asked]

    failed = [reply for reply in replies if reply.status >= 500]
    assert len(failed) >= 3, [(reply.status, reply.body) for reply in replies]
    assert [reply.body for reply in replies if _has_internals(failing, reply.body.decode())] == []
    assert "Error" in failing.log.read_text()


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}${7*7}",
    "application/json<svg/onload=alert(1)>",
    "%0d%0aSet-Cookie:%20a=b",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("through", ["", "?through=Tornado"])
@pytest.mark.controls("sane-ids")
def test_what_stood_in_a_header_comes_back_nowhere(server: Any, text: str, through: str) -> None:
    """S23. Content-Type, X-Request-ID, Origin, User-Agent, Host and a made-up header."""
    said = {"X-Request-ID": text, "Origin": text, "User-Agent": text, "X-Made-Up": text, "Referer": text}
    for method, path in [("POST", "/predict"), ("GET", "/nope"), ("GET", "/models"), ("PUT", "/apidocs/")]:
        for kind in (text, "application/json"):
            reply = server.request(method, path + through, b"{}", {**said, "Content-Type": kind})

            assert text not in str(reply.headers)
            assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.controls("data-is-data")
def test_what_was_asked_for_comes_back_as_data_that_nothing_runs(server: Any, text: str) -> None:
    """S23, amended: a sentence quotes what it is about, in JSON that no browser takes for a page."""
    replies = [
        server.post("/predict", {"text": "a", "model": text}),
        server.post("/predict", {"text": "a", text: 1}),
        server.post("/predict", {"text": text}),
        server.request("GET", "/" + "".join(f"%{byte:02x}" for byte in text.encode())),
        server.request("GET", "/models/" + "".join(f"%{byte:02x}" for byte in text.encode())),
        server.request("GET", "/jobs?state=" + "".join(f"%{byte:02x}" for byte in text.encode())),
        server.request("GET", "/jobs?" + "".join(f"%{byte:02x}" for byte in text.encode()) + "=1"),
        server.request("POST", "/predict", b"{}", {"Content-Type": text}),
    ]

    for reply in replies:
        json.loads(reply.body)
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("line", [b"X-Request-ID: a\r\n b", b"X-Request-ID: a\rSet-Cookie: b=c", b"X-Request-ID: a\0b"])
def test_a_line_break_in_a_header_makes_no_header_and_no_line_of_the_log(server: Any, line: bytes) -> None:
    """S23."""
    with connecting() as connect:
        connection = connect(server)
        connection.get(b"/nope", line)
        status, headers, _ = connection.receive()

    assert status in {400, 404}
    assert "set-cookie" not in headers
    assert not re.search(r"^(b|Set-Cookie)", server.log.read_text(), re.MULTILINE)
