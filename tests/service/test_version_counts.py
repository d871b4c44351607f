"""What a version has answered is counted whatever its intents are, and can be read back."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from app.domain.logged_request import LoggedInput, LoggedRequest
from app.service.live_figures import LiveFigures
from app.service.metrics import Metrics
from app.service.version_counts import VersionCounts

NAMED, UNSURE = LoggedInput("meal", 0.9), LoggedInput(None, 0.2, "low_confidence")


def request(*inputs: LoggedInput, model: str | None = "flights", version: int = 7) -> LoggedRequest:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    return LoggedRequest("id", time, "admin", "POST", "/predict", 200, 0.25, model, version, inputs)


def test_texts_fallbacks_and_seconds_are_told_by_version() -> None:
    metrics = Metrics("1")

    metrics.count([request(NAMED, UNSURE), request(NAMED, version=8), request(NAMED, model="other"), request()])
    metrics.count([request(UNSURE), request(model=None)])

    assert metrics.figures("flights") == {7: LiveFigures(3, 2, 0.5), 8: LiveFigures(1, 0, 0.25)}
    assert b'parley_version_texts_total{model="flights",version="7"} 3.0' in metrics.exposition()


def test_intents_beyond_their_bound_are_no_reason_to_miss_a_text() -> None:
    metrics = Metrics("1", most_label_sets=2)

    metrics.count([request(LoggedInput(f"intent{n}", 0.5), UNSURE) for n in range(100)])

    assert metrics.figures("flights") == {7: LiveFigures(200, 100, 25.0)}


def test_versions_beyond_their_own_bound_have_no_figures_rather_than_some() -> None:
    counts = VersionCounts(CollectorRegistry(), most_versions=1)

    counts.count([request(NAMED), request(NAMED, version=8)])
    counts.count([request(UNSURE, version=8)])

    assert counts.figures("flights", None) == {7: LiveFigures(1, 0, 0.25)}


@pytest.mark.parametrize("n_processes", [1, 3])
def test_processes_that_share_a_folder_read_their_sum(tmp_path: Path, n_processes: int) -> None:
    script = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from app.domain.logged_request import LoggedInput, LoggedRequest
from app.service.metrics import Metrics
metrics = Metrics("1", shared_folder=Path(sys.argv[1]))
inputs = tuple(LoggedInput(f"intent{n}" if n % 2 else None, 0.5) for n in range(1000))
time = datetime(2026, 1, 1, tzinfo=UTC)
metrics.count([LoggedRequest("id", time, None, "POST", "/predict", 200, 0.25, "m", 7, inputs)])
found = metrics.figures("m")[7]
print(json.dumps([found.texts, found.fallbacks, found.seconds]))
"""
    shared = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}  # noqa: TID251

    outputs = [
        subprocess.run([sys.executable, "-c", script, tmp_path], env=shared, check=True, capture_output=True).stdout
        for _ in range(n_processes)
    ]

    assert json.loads(outputs[-1]) == [1000 * n_processes, 500 * n_processes, 0.25 * n_processes]
