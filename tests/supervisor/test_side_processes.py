"""A server runs trainings beside its workers: whatever becomes of runners, the workers notice nothing."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from app.data.snapshot import to_bytes
from app.domain.example import Dataset, Example
from app.domain.job import JobState, TrainingOrder
from app.storage.job_store import JobStore
from tests.conftest import TINY
from tests.job_stores import open_job_store
from tests.jobs.runners import ended
from tests.workers import Clients, is_dead, until

FEW_EPOCHS = {"family": "bow", "training": {"epochs": 12}}
MANY_EPOCHS = {"family": "bow", "training": {"epochs": 10_000, "patience": 10_000}}


@pytest.fixture
def start(start_server: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start servers that run trainings, into a registry of their own."""
    started: list[psutil.Process] = []

    def start_one(**environment: str) -> Any:
        server = start_server(tmp_path / "models", PARLEY_JOB_WORKERS="1", PARLEY_DEFAULT_MODEL="new", **environment)
        started.append(psutil.Process(server.process.pid))
        runner_of(server)
        return server

    yield start_one
    for process in started:
        with suppress(psutil.NoSuchProcess):
            left = process.children(recursive=True)
            process.kill()
            for child in left:
                child.kill()


def runner_of(server: Any) -> psutil.Process:
    """Wait for the runner of a server, and give it."""
    until(lambda: _runners(server))
    [runner] = _runners(server)
    return runner


def _runners(server: Any) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "worker" in child.cmdline():
                found.append(child)
    return found


def table_of(server: Any) -> JobStore:
    store = open_job_store(f"sqlite:///{server.log.parent / 'var' / 'parley.db'}")
    store.prepare()
    return store


def train(store: JobStore, config: dict[str, Any]) -> Any:
    examples = tuple(Example(text, intent) for intent, texts in TINY.items() for text in texts)
    job, _ = store.add(TrainingOrder("new", config), "ada", to_bytes(Dataset(examples, {}, "x")), max_queued=9)
    return job


def is_learning(store: JobStore, job: UUID) -> bool:
    found = store.get(job)
    return found is not None and found.progress is not None and found.progress.epoch is not None


def test_a_training_is_run_and_its_version_answers(start: Callable[..., Any]) -> None:
    server = start()
    store = table_of(server)
    job = train(store, FEW_EPOCHS)

    done = ended(store, job.id)

    assert (done.state, done.problem) == (JobState.SUCCEEDED, None)
    assert done.outcome.version == 1
    lines = [line.line for line in store.lines(job.id)]
    assert any("epoch 1 of 12, loss " in line for line in lines), lines
    until(lambda: server.post("/predict", {"text": "hello"}).status == 200)
    assert server.post("/predict", {"text": "hello"}).json()["intent"] == "greeting"
    store.close()


def test_a_runner_that_is_killed_is_replaced_and_its_training_is_run_again_while_workers_answer(
    start: Callable[..., Any],
) -> None:
    server = start(PARLEY_JOB_LOST_AFTER_S="2")
    store = table_of(server)
    job = train(store, {"family": "bow", "training": {"epochs": 60, "patience": 60}})
    until(lambda: is_learning(store, job.id))
    runner = runner_of(server)
    workers = {child.pid for child in psutil.Process(server.process.pid).children()} - {runner.pid}
    with Clients(server, 1) as clients:
        runner.kill()

        done = ended(store, job.id)

    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2)
    assert runner_of(server).pid != runner.pid
    assert workers < {child.pid for child in psutil.Process(server.process.pid).children()}
    assert clients.failed == []
    # no model before, then one of which no version is active, then one that is being loaded
    assert set(clients.answered) <= {404, 409, 503, 200}
    until(lambda: server.post("/predict", {"text": "hello"}).status == 200)
    store.close()


def test_a_server_that_stops_gives_its_training_back(start: Callable[..., Any]) -> None:
    server = start()
    store = table_of(server)
    job = train(store, MANY_EPOCHS)
    until(lambda: is_learning(store, job.id))
    trainers = runner_of(server).children()

    assert server.stop() == 0

    back = store.get(job.id)
    assert back is not None
    assert (back.state, back.code) == (JobState.QUEUED, "runner_stopped")
    assert trainers
    assert all(is_dead(trainer.pid) for trainer in trainers)
    store.close()


def test_a_killed_supervisor_leaves_no_runner_and_no_trainer_behind(start: Callable[..., Any]) -> None:
    server = start()
    store = table_of(server)
    job = train(store, MANY_EPOCHS)
    until(lambda: is_learning(store, job.id))
    left = [runner_of(server), *runner_of(server).children()]

    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    assert len(left) == 2
    until(lambda: all(is_dead(process.pid) for process in left))
    assert store.get(job.id).state is JobState.QUEUED  # type: ignore[union-attr]  # as above
    store.close()


def test_a_reload_leaves_the_runner_where_its_settings_are_the_same(start: Callable[..., Any]) -> None:
    server = start()
    before = runner_of(server)

    os.kill(server.process.pid, signal.SIGHUP)
    until(lambda: "reloaded" in server.log.read_text())

    assert runner_of(server).pid == before.pid  # nothing else was set
