"""A running server takes over what is published, while it answers, in every worker; a cold model is loaded once."""

import http.client
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.registry.model_registry import ModelRegistry
from app.service.served_everywhere import ServedEverywhere
from app.storage.announcement_files import AnnouncementFiles
from tests.registries import flip_a_bit, move_alias, publish_again
from tests.workers import until

N_CLIENTS = 4


@pytest.fixture
def registry(tiny_models: Path, tmp_path: Path) -> Path:
    """A registry of one's own: `tiny` in versions 1 and 2, and `tinyseq`."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models", ignore=shutil.ignore_patterns(".*")))


@pytest.fixture
def server(start_server: Callable[..., Any], registry: Path) -> Iterator[Any]:
    """A server of two workers."""
    server = start_server(registry, PARLEY_WORKERS="2", PARLEY_DEFAULT_MODEL="tiny", PARLEY_LOG_LEVEL="debug")
    yield server
    server.stop()


@pytest.fixture
def everywhere(server: Any, registry: Path) -> ServedEverywhere:
    """Who waits for the workers of that server."""
    [folder] = (server.log.parent / "var" / "serving").iterdir()
    return ServedEverywhere(AnnouncementFiles(folder), ModelRegistry(registry).aliases_signature)


@contextmanager
def clients(server: Any) -> Iterator[Counter[Any]]:
    """Ask again and again on connections that are kept; what was answered is counted by status, intent and version."""
    answered: Counter[Any] = Counter()
    over = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"Authorization": server.authorization, "Content-Type": "application/json"}
        while not over.is_set():
            connection.request("POST", "/predict", b'{"text": "hello there"}', headers)
            response = connection.getresponse()
            reply = json.loads(response.read())
            answered[response.status, reply.get("intent"), reply.get("version")] += 1
        connection.close()

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        asked = [pool.submit(ask) for _ in range(N_CLIENTS)]
        try:
            yield answered
        finally:
            over.set()
    for one in asked:
        one.result()


def test_what_is_published_while_requests_run_answers_in_every_worker_and_no_request_fails(
    server: Any, registry: Path, everywhere: ServedEverywhere
) -> None:
    with clients(server) as answered:
        until(lambda: answered)
        for _ in range(3):
            version = publish_again(registry)
            everywhere.wait("tiny", version, within_s=100)
            assert server.post("/predict", {"text": "hello there"}).json()["version"] == version

    assert {(status, intent) for status, intent, _ in answered} == {(200, "greeting")}
    assert {version for _, _, version in answered} == {2, 3, 4, 5}


def test_a_damaged_version_changes_nothing_for_who_asks_and_is_told(
    server: Any, registry: Path, everywhere: ServedEverywhere
) -> None:
    publish_again(registry)
    everywhere.wait("tiny", 3, within_s=100)
    with clients(server) as answered:
        flip_a_bit(registry / "tiny/1/model.onnx")
        move_alias(registry, "tiny", {"active": 1, "previous": 3})
        until(lambda: server.get("/models/tiny").json()["state"] == "degraded")

    assert set(answered) == {(200, "greeting", 3)}
    assert server.get("/readyz").json() == {"status": "ready", "failed": []}
    assert "tiny/1/model.onnx has changed" in server.get("/models/tiny").json()["error"]


def test_a_hundred_reloads_under_load_lose_no_request(
    server: Any, registry: Path, everywhere: ServedEverywhere
) -> None:
    with clients(server) as answered:
        for number in range(100):
            active = 1 + number % 2
            move_alias(registry, "tiny", {"active": active})
            everywhere.wait("tiny", active, within_s=100)

    assert set(answered) == {(200, "greeting", 1), (200, "greeting", 2)}
    assert server.post("/predict", {"text": "hello there"}).json()["version"] == 2


def test_five_hundred_requests_for_a_cold_model_cause_one_load_in_each_worker(
    start_server: Callable[..., Any], registry: Path
) -> None:
    server = start_server(registry, PARLEY_DEFAULT_MODEL="tinyseq", PARLEY_PRELOAD="default", PARLEY_LOG_LEVEL="debug")

    with ThreadPoolExecutor(50) as pool:
        question = {"text": "hello there", "model": "tiny"}
        replies = list(pool.map(lambda _: server.post("/predict", question), range(500)))

    assert {(reply.status, reply.json()["intent"], reply.json()["version"]) for reply in replies} == {
        (200, "greeting", 2)
    }
    assert server.log.read_text().count("tiny@2 loaded in ") == 1


def test_a_model_that_is_not_in_memory_is_available_until_somebody_asks(
    start_server: Callable[..., Any], registry: Path
) -> None:
    server = start_server(registry, PARLEY_DEFAULT_MODEL="tinyseq", PARLEY_PRELOAD="default")
    before = server.get("/models/tiny").json()

    assert server.post("/predict", {"text": "hello there", "model": "tiny"}).status == 200

    after = server.get("/models/tiny").json()
    assert (before.pop("state"), after.pop("state")) == ("available", "ready")
    assert before == after
