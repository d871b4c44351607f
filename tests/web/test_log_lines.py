"""Every line that a request leaves in the log says which request it was, whichever way it was answered."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.logging_setup.lines import CURRENT_REQUEST, JsonLines
from app.service.metrics import Metrics
from app.service.observation import Observation
from app.web.answering import Answering
from app.web.application import create_app
from tests.services import broken_services
from tests.workers import ready_workers

NOTHING: Any = None  # in place of use cases that nothing can be done with

FIRST_USE = "app.storage.migration"
"""Makes the tables for whoever needs them first, which may be a request."""


def _contents(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.fixture
def talkative(start_server: Callable[..., Any], tiny_models: Path, tmp_path: Path) -> Any:
    """A server that logs all it can, as JSON, to a file."""
    server = start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_LOG_FORMAT="json",
        PARLEY_LOG_FILE=str(tmp_path / "logs" / "parley.log"),
        PARLEY_LOG_LEVEL="debug",
    )
    server.told, server.log = server.log, tmp_path / "logs" / "parley.log"
    return server


@pytest.mark.parametrize(
    ("method", "path", "body", "route"),
    [
        ("POST", "/predict", b'{"text": "hello"}', "POST /predict 200"),
        ("POST", "/predict", b'{"texts": ["hello", "rain"]}', "POST /predict 200"),
        ("POST", "/predict", b"{", "POST /predict 400"),
        ("GET", "/models/tiny", None, "GET /models/{name} 200"),
        ("GET", "/", None, "GET / 200"),
        ("GET", "/nope", None, "GET - 404"),
    ],
)
def test_the_line_of_a_request_carries_its_id(
    talkative, method: str, path: str, body: bytes | None, route: str
) -> None:
    talkative.request(method, path, body, {"X-Request-ID": "r-1", "Content-Type": "application/json"})
    talkative.stop()

    [line] = [
        content
        for content in _contents(talkative.log)
        if content.get("request_id") == "r-1" and content["logger"] != FIRST_USE
    ]
    assert line["logger"] == "parley.access"
    assert line["message"].startswith(route)


def test_a_line_that_is_about_no_request_carries_no_id(talkative) -> None:
    talkative.post("/predict", {"text": "hello"})
    talkative.stop()

    others = [c for c in _contents(talkative.log) if c["logger"] not in {"parley.access", FIRST_USE}]
    assert others
    assert [content for content in others if "request_id" in content] == []


def test_with_a_log_file_nothing_but_the_address_comes_to_standard_error(talkative) -> None:
    talkative.post("/predict", {"text": "hello"})
    talkative.stop()

    assert talkative.told.read_text() == f"Parley answers on {talkative.url}/\n"


def test_all_workers_write_to_one_file(start_server: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "parley.log"
    server = start_server(tmp_path / "models", PARLEY_WORKERS="2", PARLEY_LOG_FORMAT="json", PARLEY_LOG_FILE=str(log))
    ready_workers(server, 2)

    for number in range(60):
        server.get("/healthz", **{"X-Request-ID": f"r-{number}"})
    server.stop()

    told = [content["request_id"] for content in _contents(log) if content.get("request_id", "").startswith("r-")]
    assert sorted(told) == sorted(f"r-{number}" for number in range(60))


def test_a_log_file_that_cannot_be_written_fails_no_request(
    start_server: Callable[..., Any], tiny_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("in the way")
    log = str(tmp_path / "logs" / "parley.log")

    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_LOG_FILE=log)

    assert server.post("/predict", {"text": "hello"}).status == 200
    server.stop()
    told = server.log.read_text()
    assert f"{log} cannot be written: " in told
    assert "POST /predict 200" in told


@pytest.fixture
def told() -> Iterator[list[dict[str, str]]]:
    """What this process logs, as JSON."""
    contents: list[dict[str, str]] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            contents.append(json.loads(self.format(record)))

    listener, root = Listener(), logging.getLogger()
    listener.setFormatter(JsonLines())
    root.addHandler(listener)
    yield contents
    root.removeHandler(listener)


def test_what_went_wrong_in_a_request_is_told_under_its_id(told: list[dict[str, str]]) -> None:
    broken = broken_services(Observation(lambda: Metrics("1"), None))
    client = create_app(Answering(broken, max_body_bytes=1024)).test_client()

    client.get("/readyz", headers={"X-Request-ID": "r-1"})

    [failure] = [content for content in told if content["level"] == "error"]
    assert failure["request_id"] == "r-1"
    assert "AttributeError" in failure["exception"]


@pytest.mark.parametrize("path", ["/readyz", "/", "/nope"])
def test_what_follows_a_request_is_not_taken_for_a_part_of_it(path: str) -> None:
    broken = broken_services(Observation(lambda: Metrics("1"), None))

    create_app(Answering(broken, max_body_bytes=1024)).test_client().get(path)

    assert CURRENT_REQUEST.get() is None
