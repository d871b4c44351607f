"""What a server was asked and answered stands in its metrics and in its log, over all its workers, and no text does."""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families

from app.domain.logged_request import LoggedRequest
from app.storage.engine import open_engine
from app.storage.request_store import RequestStore
from tests.database import Database
from tests.workers import ready_workers, until

SECRET = "the eagle lands at dawn"


def told(server: Any) -> dict[str, float]:
    """Every sample by its name and labels."""
    families = text_string_to_metric_families(server.get("/metrics", Authorization="").body.decode())
    return {
        sample.name + str(sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def answered(server: Any, endpoint: str = "/predict", status: int = 200) -> float:
    """How many requests were counted."""
    labels = [("endpoint", endpoint), ("method", "POST"), ("status", str(status))]
    return told(server).get(f"parley_requests_total{labels}", 0)


def logged(folder: Path, endpoint: str = "/predict") -> list[LoggedRequest]:
    """What stands in the database of a server that has ended."""
    with closing(RequestStore(open_engine(folder / "var" / "parley.db"))) as store:
        requests = [entry.request for entry in store.page(limit=10_000)]
    return [request for request in requests if request.endpoint == endpoint]


def test_metrics_are_for_anybody_and_in_the_format_of_prometheus(server: Any) -> None:
    reply = server.get("/metrics", Authorization="")

    assert (reply.status, reply.headers["Content-Type"]) == (200, CONTENT_TYPE_LATEST)
    assert {"parley_app_info", "app_info", "parley_connections", "parley_in_flight"} <= {
        family.name for family in text_string_to_metric_families(reply.body.decode())
    }


def test_a_request_counts_at_once(start_server: Callable[..., Any], tiny_models: Path) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny")
    server.post("/predict", {"text": "will it rain"})
    server.post("/predict", {"texts": ["will it rain", "***"]})
    server.post("/predict", {"text": 1})
    server.request("POST", f"/{SECRET.replace(' ', '')}")
    server.request("BREW", "/predict")

    samples = told(server)

    model = [("model", "tiny"), ("version", "2")]
    assert samples[f"parley_predictions_total{[('intent', 'weather'), *model]}"] == 2
    assert samples[f"parley_fallbacks_total{[model[0], ('reason', 'no_known_words'), model[1]]}"] == 1
    assert samples[f"parley_confidence_count{model}"] == 3
    labels = [("endpoint", "/predict"), ("http_status", "400"), ("method", "POST")]
    assert samples[f"request_count_total{labels}"] == 1
    assert samples[f"parley_requests_total{[('endpoint', '-'), ('method', 'POST'), ('status', '404')]}"] == 1
    assert not any(SECRET.replace(" ", "") in name or "BREW" in name for name in samples)


def test_every_worker_tells_what_all_of_them_have_counted_and_those_that_died_before(
    start_server: Callable[..., Any], tiny_models: Path
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2")
    victim = ready_workers(server, 2)[0]
    for _ in range(200):
        server.post("/predict", {"text": "will it rain"})
    until(lambda: answered(server) == 200)  # a worker that was not asked for its metrics counts five times a second

    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in ready_workers(server, 2))
    for _ in range(100):
        server.post("/predict", {"text": "will it rain"})

    until(lambda: answered(server) == 300)
    assert told(server)["parley_worker_restarts_total[('reason', 'died')]"] == 1


def test_every_request_is_in_the_log_when_a_server_has_ended(
    start_server: Callable[..., Any], tiny_models: Path
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2")
    for number in range(100):
        server.request(
            "POST",
            "/predict",
            b'{"text": "%s"}' % SECRET.encode(),
            {"Content-Type": "application/json", "X-Request-ID": f"r{number}"},
        )
    server.request("POST", "/predict", b"{}", {"Content-Type": "application/json", "X-Request-ID": "wrong"})

    assert server.stop() == 0

    every = logged(server.log.parent)
    [wrong] = [request for request in every if request.request_id == "wrong"]
    assert (wrong.status, wrong.endpoint, wrong.seconds > 0) == (400, "/predict", True)
    requests = [request for request in every if request is not wrong]
    assert {request.request_id for request in requests} == {f"r{number}" for number in range(100)}
    assert {(request.caller, request.status, request.model, request.version) for request in requests} == {
        ("admin", 200, "tiny", 2)
    }
    assert all(request.inputs[0].text is None for request in requests)
    left = [file.read_bytes() for file in server.log.parent.glob("**/*") if file.is_file()]
    assert SECRET.encode() not in b"".join(left)


def test_texts_are_kept_redacted_where_that_is_wanted(start_server: Callable[..., Any], tiny_models: Path) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_LOG_TEXT="true")
    server.post("/predict", {"text": "will it rain, ada@example.com"})

    server.stop()

    [request] = logged(server.log.parent)
    assert [one.text for one in request.inputs] == ["will it rain, <email>"]


def test_a_server_answers_and_counts_while_its_database_is_away(
    start_server: Callable[..., Any], tiny_models: Path, database: Database
) -> None:
    database.take_away()
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_DATABASE_URL=database.address)

    assert {server.post("/predict", {"text": "will it rain"}).status for _ in range(50)} == {200}
    assert answered(server) == 50
    assert told(server)["parley_request_log_queued[]"] >= 50

    database.bring_back()
    until(lambda: told(server).get("parley_request_log_total[('outcome', 'written')]", 0) >= 50)
    until(lambda: told(server)["parley_request_log_queued[]"] < 50)  # each look is one more to be logged
