"""Two servers that share a registry, a database and Redis are one: what is trained through one, the other answers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.conftest import TINY
from tests.database import PostgresServer
from tests.redis_server import RedisServer
from tests.server import ROOT, Reply, Server

EXAMPLES = [{"text": text, "intent": intent} for intent, texts in TINY.items() for text in texts]
SECONDS = 2.0
"""Of acceptance: a promise about time that has to be a promise about time."""


@pytest.fixture
def shared(postgres_server: PostgresServer, redis_server: RedisServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of machines that are one server."""
    name = f"test_{uuid.uuid4().hex}"
    postgres_server.execute(f'CREATE DATABASE "{name}"')
    yield {
        "PARLEY_MODELS_DIR": str(tmp_path / "models"),
        "PARLEY_DATABASE_URL": postgres_server.url(name),
        "PARLEY_REDIS_URL": redis_server.url,
        "PARLEY_JOB_LOST_AFTER_S": "3",
        "PARLEY_JOB_WORKERS": "0",
    }
    postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def runners(shared: dict[str, str], tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two runners on machines of their own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
    started = []
    for number in range(2):
        environment = {**inherited, **shared, "PARLEY_VAR_DIR": str(tmp_path / f"runner{number}")}
        with (tmp_path / f"runner{number}.log").open("wb") as log:
            command = [sys.executable, "-m", "app", "worker"]
            started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
    yield started
    for process in started:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def servers(start_server: Callable[..., Server], shared: dict[str, str]) -> list[Server]:
    """Two servers on machines of their own: each has its own `var_dir`."""
    return [start_server(Path(shared["PARLEY_MODELS_DIR"]), **shared) for _ in range(2)]


def train(server: Server, model: str) -> str:
    settings = {"training": {"epochs": 12}}
    reply = server.post("/train", {"model": model, "examples": EXAMPLES, "config": settings})
    assert reply.status == 202, reply.body
    return str(reply.json()["job"]["id"])


def state_of(server: Server, job: str) -> str:
    return str(server.get(f"/jobs/{job}").json()["job"]["state"])


def ended(server: Server, job: str) -> str:
    while (state := state_of(server, job)) in ("queued", "running"):
        time.sleep(0.1)
    return state


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("runners")
def test_what_is_trained_through_one_is_answered_by_the_other(servers: list[Server]) -> None:
    one, other = servers
    job = train(one, "shared")

    assert ended(one, job) == "succeeded"
    until = time.monotonic() + SECONDS
    while (reply := other.post("/predict", {"model": "shared", "text": "will it rain"})).status != 200:
        assert time.monotonic() < until, reply.body
    assert (reply.json()["version"], reply.json()["intent"]) == (1, "weather")
    assert one.post("/predict", {"model": "shared", "text": "will it rain"}).json()["version"] == 1
    assert state_of(other, job) == "succeeded"


@pytest.mark.long
@pytest.mark.usefixtures("runners")
def test_a_file_that_is_sent_to_one_is_answered_elsewhere_and_read_at_the_other(
    tiny_models: Path, shared: dict[str, str], servers: list[Server]
) -> None:
    one, other = servers
    for name in ("tiny", "tinyseq"):
        shutil.copytree(tiny_models / name, Path(shared["PARLEY_MODELS_DIR"]) / name)
    lines = b"".join(b'{"text": "hello", "id": %d}\n' % number for number in range(20_000))
    while (sent := send(one, lines)).status == HTTPStatus.NOT_FOUND:  # until it has noticed the model
        time.sleep(0.1)
    job = sent.json()["job"]["id"]

    assert ended(other, job) == "succeeded"

    told = [json.loads(line) for line in other.get(f"/jobs/{job}/result").body.splitlines()]
    assert [(line["id"], line["intent"]) for line in told] == [(number, "greeting") for number in range(20_000)]


def send(server: Server, lines: bytes) -> Reply:
    return server.request("POST", "/predictions/batch?model=tiny", lines, {"Content-Type": "application/jsonl"})


@pytest.mark.timeout(300)
def test_jobs_spread_over_runners_and_killing_one_loses_nothing(
    servers: list[Server], runners: list[subprocess.Popen[bytes]]
) -> None:
    one, other = servers
    jobs = [train(one, "first"), train(other, "second")]
    while [state_of(one, job) for job in jobs] != ["running", "running"]:
        time.sleep(0.05)

    runners[0].kill()

    assert [ended(other, job) for job in jobs] == ["succeeded", "succeeded"]
    assert [one.get(f"/models/{model}/versions").json()["aliases"] for model in ("first", "second")] == [
        {"original": 1, "active": 1}
    ] * 2
    assert sorted(one.get(f"/jobs/{job}").json()["job"]["attempts"] for job in jobs) == [1, 2]
