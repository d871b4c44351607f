"""Prometheus is told every request once, by ours and by old names, and never of more labels than it can bear."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.domain.logged_request import LoggedInput, LoggedRequest
from app.service.metrics import Metrics
from app.service.request_queue import DropReason, RequestCounts

NAMED, UNSURE = LoggedInput("meal", 0.9), LoggedInput(None, 0.2, "low_confidence")


def request(*inputs: LoggedInput, model: str = "flights", status: int = 200, seconds: float = 0.003) -> LoggedRequest:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    return LoggedRequest("id", time, "admin", "POST", "/predict", status, seconds, model, 7, inputs)


def told(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels."""
    lines = metrics.exposition().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3")


def test_requests_are_counted_by_route_and_status(metrics) -> None:
    metrics.count([request(NAMED), request(NAMED), request(status=400, model="none")])

    samples = told(metrics)
    assert samples['parley_requests_total{endpoint="/predict",method="POST",status="200"}'] == 2
    assert samples['parley_requests_total{endpoint="/predict",method="POST",status="400"}'] == 1
    assert samples['parley_request_seconds_count{endpoint="/predict"}'] == 3
    assert samples['parley_request_seconds_sum{endpoint="/predict"}'] == pytest.approx(0.009)


def test_answers_are_counted_by_intent_and_fallbacks_by_reason(metrics) -> None:
    metrics.count([request(NAMED, UNSURE, NAMED), request(UNSURE)])

    samples = told(metrics)
    assert samples['parley_predictions_total{intent="meal",model="flights",version="7"}'] == 2
    assert samples['parley_fallbacks_total{model="flights",reason="low_confidence",version="7"}'] == 2
    assert samples['parley_confidence_bucket{le="0.2",model="flights",version="7"}'] == 2
    assert samples['parley_confidence_count{model="flights",version="7"}'] == 4


@pytest.mark.parametrize(
    ("old", "ours"),
    [
        (
            'request_count_total{endpoint="/predict",http_status="200",method="POST"}',
            'parley_requests_total{endpoint="/predict",method="POST",status="200"}',
        ),
        (
            'request_latency_seconds_count{endpoint="/predict"}',
            'parley_request_seconds_count{endpoint="/predict"}',
        ),
        (
            'flask_http_request_total{endpoint="/predict",method="POST",status="200"}',
            'parley_requests_total{endpoint="/predict",method="POST",status="200"}',
        ),
        (
            'flask_http_request_duration_seconds_count{endpoint="/predict"}',
            'parley_request_seconds_count{endpoint="/predict"}',
        ),
        ('app_info{version="1.2.3"}', 'parley_app_info{version="1.2.3"}'),
    ],
)
def test_old_names_tell_the_same(metrics, old: str, ours: str) -> None:
    metrics.count([request(NAMED)])

    samples = told(metrics)
    assert samples[old] == samples[ours] == 1


def test_errors_are_timed_as_answers_are(metrics) -> None:
    metrics.count([request(status=status, seconds=0.5) for status in (200, 404, 500)])

    samples = told(metrics)
    assert samples['request_latency_seconds_count{endpoint="/predict"}'] == 3
    assert samples['request_latency_seconds_sum{endpoint="/predict"}'] == 1.5


def test_labels_beyond_the_bound_are_told_together_and_nothing_is_lost() -> None:
    metrics = Metrics("1", most_label_sets=10)

    metrics.count([request(LoggedInput(f"intent{n}", 0.5)) for n in range(100)])

    of_intents = {name: n for name, n in told(metrics).items() if name.startswith("parley_predictions_total")}
    assert len(of_intents) == 10  # one of ten sets is of the confidences
    assert sum(of_intents.values()) == 100


def test_what_became_of_logged_requests_is_counted_once(metrics) -> None:
    dropped = dict.fromkeys(DropReason, 0)

    metrics.count_log(RequestCounts(5, 2, dropped))
    metrics.count_log(RequestCounts(9, 1, {**dropped, DropReason.QUEUE_FULL: 3}))

    samples = told(metrics)
    assert samples['parley_request_log_total{outcome="written"}'] == 9
    assert samples['parley_request_log_total{outcome="dropped_queue_full"}'] == 3
    assert samples["parley_request_log_queued"] == 1


def test_the_text_is_what_prometheus_reads(metrics) -> None:
    metrics.count([request(NAMED, UNSURE)])

    families = {family.name for family in text_string_to_metric_families(metrics.exposition().decode())}
    assert {"parley_requests", "request_count", "request_latency_seconds", "parley_confidence"} <= families


def test_workers_that_share_a_folder_tell_their_sum(tmp_path) -> None:
    script = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.domain.logged_request import LoggedRequest
from app.service.metrics import Metrics
metrics = Metrics("1", shared_folder=Path(sys.argv[2]))
time = datetime(2026, 1, 1, tzinfo=UTC)
metrics.count([LoggedRequest("id", time, None, "GET", "/models", 200, 0.1)] * int(sys.argv[1]))
print(metrics.exposition().decode())
"""
    shared = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}  # noqa: TID251

    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, n, tmp_path], env=shared, check=True, capture_output=True, text=True
        ).stdout
        for n in ("2", "3")
    ]

    [counted] = re.findall(r"parley_requests_total{.*} (\S+)", outputs[-1])
    assert float(counted) == 5


def test_what_a_worker_says_of_itself_is_told_as_it_is_or_as_it_grows(metrics) -> None:
    metrics.tell({"in_flight": 3, "model_loads": 2})
    metrics.tell({"in_flight": 1, "model_loads": 5})

    samples = told(metrics)
    assert (samples["parley_in_flight"], samples["parley_model_loads_total"]) == (1, 5)
