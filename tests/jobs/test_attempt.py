"""Whatever a trainer does, its job ends with a state and a sentence, and what it has published is never lost."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.domain.job import Job, JobState
from app.storage.job_store import JobStore
from tests.database import SqliteFile
from tests.job_stores import open_job_store, queue
from tests.jobs.runners import PATIENT, RunnerThread, ended, published, running, trainers
from tests.workers import is_dead, until


@pytest.fixture
def file(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "jobs.db")


@pytest.fixture
def table(file: SqliteFile) -> JobStore:
    opened = open_job_store(file.address)
    opened.prepare()
    return opened


@pytest.fixture
def runner(table: JobStore, registry: Path, file: SqliteFile) -> Callable[..., RunnerThread]:
    """Make a runner: `with runner(limits): …`."""
    return partial(RunnerThread, table, registry, database=file.address)


def train(table: JobStore, **config: Any) -> Job:
    return queue(table, config=config)


def test_a_job_that_goes_well_has_its_version_progress_and_log(table, registry, runner) -> None:
    job = train(table, seconds=1.2)
    with runner():
        assert running(table, job.id).progress.epoch == 1
        done = ended(table, job.id)

    assert (done.state, done.outcome.version, done.outcome.is_active) == (JobState.SUCCEEDED, 1, True)
    assert done.outcome.notes == ("it answers",)
    assert done.outcome.metrics == {"test": {"accuracy": 1.0}}
    assert published(registry) == [str(job.id)]
    lines = [line.line for line in table.lines(job.id)]
    assert lines[0] == "training desk, full, attempt 1"
    assert "training: epoch 1 of 2, loss 0.5000" in lines
    assert lines[-3:] == ["version 1 is published", "version 1 answers", "succeeded"]


def test_a_version_that_is_worse_is_refused_and_says_what_is(table, runner) -> None:
    job = train(table, does="be worse")
    with runner():
        done = ended(table, job.id)

    assert (done.state, done.outcome.version) == (JobState.REFUSED, 1)
    assert (done.outcome.is_active, done.outcome.regressions) == (False, ("greeting is worse",))


@pytest.mark.parametrize(
    ("does", "code", "problem"),
    [
        ("fill the disk", "no_space", "there is no space left for the model"),
        ("have no loss", "non_finite_loss", "model 'desk': the loss was not finite in epoch 3"),
        ("stumble over a text", "internal", "something went wrong here: KeyError at cheap_trainer.py:"),
    ],
)
def test_a_training_that_fails_says_why_and_is_not_tried_again(
    table, runner, does: str, code: str, problem: str
) -> None:
    job = train(table, does=does)
    with runner():
        done = ended(table, job.id)

    assert (done.state, done.code, done.attempts) == (JobState.FAILED, code, 1)
    assert done.problem.startswith(problem)
    assert "typed" not in done.problem
    assert done.outcome is None


def test_a_trainer_that_dies_is_started_once_more(table, registry, runner) -> None:
    job = train(table, does="be killed once")
    with runner():
        done = ended(table, job.id)

    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2)
    assert "the trainer was killed by SIGSEGV; it is tried again" in [line.line for line in table.lines(job.id)]
    assert published(registry) == [str(job.id)]


@pytest.mark.parametrize(
    ("does", "code", "problem"),
    [
        ("be killed", "killed", "the trainer was killed by SIGKILL, in attempt 2"),
        ("end without a word", "crashed", "the trainer ended without a word, exit code 3, in attempt 2"),
    ],
)
def test_a_trainer_that_dies_again_is_not(table, runner, does: str, code: str, problem: str) -> None:
    job = train(table, does=does)
    with runner():
        done = ended(table, job.id)

    assert (done.state, done.code, done.problem, done.attempts) == (JobState.FAILED, code, problem, 2)


def test_a_training_that_takes_too_long_is_ended(table, registry, runner) -> None:
    job = train(table, seconds=600)
    with runner(replace(PATIENT, time_s=1.5)):
        done = ended(table, job.id)

    assert (done.state, done.code, done.attempts) == (JobState.FAILED, "out_of_time", 1)
    assert done.problem == "it took longer than job_time_limit_s allows: 1.5 s"
    assert all(map(is_dead, trainers(registry)))


def test_a_training_that_takes_too_much_memory_is_ended(table, registry, runner) -> None:
    job = train(table, does="take memory")
    with runner(replace(PATIENT, memory_mb=250)):
        done = ended(table, job.id)

    assert (done.state, done.code, done.attempts) == (JobState.FAILED, "out_of_memory", 1)
    assert "job_memory_mb allows 250" in done.problem
    assert all(map(is_dead, trainers(registry)))


def test_a_running_job_is_cancelled(table, registry, runner) -> None:
    job = train(table, seconds=600)
    with runner(replace(PATIENT, lost_after_s=2)):
        running(table, job.id)

        table.cancel(job.id)

        done = ended(table, job.id)
    assert (done.state, done.code) == (JobState.CANCELLED, None)
    assert all(map(is_dead, trainers(registry)))
    assert published(registry) == []


def test_what_is_published_is_brought_to_its_end_in_spite_of_a_cancellation(table, registry, runner) -> None:
    job = train(table, activates_s=2)
    with runner(replace(PATIENT, lost_after_s=2)):
        until(lambda: published(registry))

        table.cancel(job.id)

        done = ended(table, job.id)
    assert (done.state, done.outcome.is_active) == (JobState.SUCCEEDED, True)


def test_a_trainer_works_at_low_priority_with_the_threads_that_were_set(table, registry, runner) -> None:
    job = train(table, seconds=600)
    with runner():
        running(table, job.id)
        [trainer] = trainers(registry)
        process = psutil.Process(trainer)

        assert process.nice() >= 10
        assert process.environ()["OMP_NUM_THREADS"] == process.environ()["TF_NUM_INTRAOP_THREADS"] == "3"


def test_a_runner_that_stops_gives_its_job_back(table, registry, runner) -> None:
    job = train(table, seconds=600)
    with runner():
        running(table, job.id)

    back = table.get(job.id)
    assert (back.state, back.code, back.attempts, back.position) == (JobState.QUEUED, "runner_stopped", 0, 0)
    assert all(map(is_dead, trainers(registry)))


def test_a_trainer_whose_claim_was_lost_is_ended_and_publishes_nothing(table, registry, runner) -> None:
    job = train(table, seconds=600)
    with runner(replace(PATIENT, lost_after_s=5)):
        running(table, job.id)
        give_to_nobody(table)

        until(lambda: all(map(is_dead, trainers(registry))))

    assert table.get(job.id).state is JobState.RUNNING
    assert published(registry) == []


def test_a_frozen_trainer_that_wakes_after_its_job_was_given_away_publishes_nothing(table, registry, runner) -> None:
    job = train(table, seconds=1)
    with runner():
        running(table, job.id)
        [trainer] = trainers(registry)
        os.kill(trainer, signal.SIGSTOP)
        other = give_to_nobody(table)
        os.kill(trainer, signal.SIGCONT)

        until(lambda: is_dead(trainer))

    assert published(registry) == []
    assert table.holds(other)


def test_while_the_database_is_away_a_training_goes_on_and_is_told_of_when_it_is_back(
    table, registry, runner, file: SqliteFile
) -> None:
    job = train(table, seconds=1.5, activates_s=2)
    with runner():
        running(table, job.id)
        until(lambda: published(registry))
        file.take_away()
        [trainer] = trainers(registry)
        until(lambda: is_dead(trainer))
        file.bring_back()

        done = ended(table, job.id)
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 1)


def test_a_job_that_published_before_its_runner_was_lost_is_not_trained_again(table, registry, runner) -> None:
    job = train(table)
    (registry / "version-7").write_text(str(job.id))
    with runner():
        done = ended(table, job.id)

    assert (done.state, done.outcome.version) == (JobState.SUCCEEDED, 7)
    assert trainers(registry) == []


def give_to_nobody(table: JobStore) -> Any:
    """Take the job from its runner as if that had been silent, for somebody who does nothing."""
    table.take_up_stale(timedelta(seconds=-1), max_attempts=9)
    claimed = table.claim("nobody")
    assert claimed is not None
    return claimed.claim
