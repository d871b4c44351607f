"""Runners share a table: jobs spread, and whichever runner dies, freezes or stops, none is lost or run to two ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.job import JobState
from app.domain.storage_errors import StorageUnavailableError
from app.jobs.bell import NoBell
from app.jobs.runner import Runner
from app.jobs.stop_request import StopRequest
from app.storage.job_store import JobStore
from tests.database import Database, SqliteFile
from tests.job_stores import open_job_store, queue
from tests.jobs.runners import PATIENT, cheap_start, ended, published, running, start_runner, trainers
from tests.workers import is_dead, until

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(database: Database, registry: Path) -> Iterator[Start]:
    """Start runners as processes."""
    started = []

    def start_one() -> subprocess.Popen[bytes]:
        started.append(start_runner(database.address, registry))
        return started[-1]

    yield start_one
    for runner in started:
        runner.kill()
        runner.wait()


def test_of_two_trainings_of_one_model_one_runs_and_the_other_waits(jobs_store, registry, start: Start) -> None:
    first, second = queue(jobs_store, config={"seconds": 2}), queue(jobs_store)
    start()
    start()
    running(jobs_store, first.id)

    assert jobs_store.get(second.id).position == 0
    assert [ended(jobs_store, job.id).state for job in (first, second)] == [JobState.SUCCEEDED] * 2
    assert sorted(published(registry)) == sorted([str(first.id), str(second.id)])


def test_jobs_spread_over_runners_and_killing_one_loses_none(jobs_store, registry, start: Start) -> None:
    jobs = [queue(jobs_store, f"model-{n}", config={"seconds": 1}) for n in range(4)]
    start()
    doomed = start()
    until(lambda: len(jobs_store.page(state=JobState.RUNNING)) == 2)
    until(lambda: len(trainers(registry)) >= 2)

    doomed.kill()

    assert [ended(jobs_store, job.id).state for job in jobs] == [JobState.SUCCEEDED] * 4
    assert published(registry) == sorted(str(job.id) for job in jobs)


def test_a_trainer_dies_with_its_runner_and_its_job_is_run_by_another(jobs_store, registry, start: Start) -> None:
    job = queue(jobs_store, config={"seconds": 3})
    first = start()
    running(jobs_store, job.id)
    [orphan] = trainers(registry)

    first.kill()

    until(lambda: is_dead(orphan))
    start()
    done = ended(jobs_store, job.id)
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2)
    assert published(registry) == [str(job.id)]


def test_a_runner_that_was_frozen_changes_nothing_when_it_wakes(jobs_store, registry, start: Start) -> None:
    job = queue(jobs_store, config={"first_s": 60})
    frozen = start()
    running(jobs_store, job.id)
    [trainer] = trainers(registry)
    freeze(jobs_store, frozen.pid)
    os.kill(trainer, signal.SIGSTOP)
    start()
    done = ended(jobs_store, job.id)

    for pid in (frozen.pid, trainer):
        os.kill(pid, signal.SIGCONT)
    until(lambda: is_dead(trainer))

    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2)
    assert jobs_store.get(job.id) == done
    assert published(registry) == [str(job.id)]


def test_sigterm_gives_the_job_back_and_ends_the_trainer(jobs_store, registry, start: Start) -> None:
    job = queue(jobs_store, config={"seconds": 600})
    runner = start()
    running(jobs_store, job.id)

    runner.terminate()

    assert runner.wait(timeout=30) == 0
    back = jobs_store.get(job.id)
    assert (back.state, back.attempts, back.code) == (JobState.QUEUED, 0, "runner_stopped")
    assert all(map(is_dead, trainers(registry)))


def test_a_database_that_comes_late_is_waited_for(database: Database, registry: Path, start: Start) -> None:
    database.take_away()
    runner = start()
    database.bring_back()
    store = open_job_store(database.address)
    store.prepare()

    job = queue(store)

    assert ended(store, job.id).state is JobState.SUCCEEDED
    assert published(registry) == [str(job.id)]
    assert runner.poll() is None
    store.close()


def test_a_burst_ends_when_there_is_nothing_left_to_run(registry: Path, tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "jobs.db")
    store = open_job_store(file.address)
    store.prepare()
    jobs = [queue(store), queue(store)]

    Runner(store, NoBell(), PATIENT, cheap_start(file.address, registry), "burst").run(StopRequest(), is_burst=True)

    assert [state_of(store, job.id) for job in jobs] == [JobState.SUCCEEDED] * 2


def freeze(store: JobStore, pid: int) -> None:
    """Freeze a runner while it does not write: one that did would keep all others from a SQLite file."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        with suppress(StorageUnavailableError):
            store.cancel(uuid4())
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.1)  # let it come to an end with what it writes


def state_of(store: JobStore, job: Any) -> JobState:
    found = store.get(job)
    assert found is not None
    return found.state
