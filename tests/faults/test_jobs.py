"""Whatever dies while models are trained, no training is lost or published twice, and predictions are answered."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from app.domain.job import ENDED, JobState
from app.jobs.rq_bell import RqBell
from app.storage.job_store import JobStore
from tests.database import PostgresDatabase
from tests.job_stores import open_job_store, queue
from tests.jobs.runners import published, start_runner, trainers
from tests.redis_server import RedisServer
from tests.wellbeing import unharmed
from tests.workers import Clients, is_dead, until

_MODELS: Final = 3
_TRAINING_S: Final = 0.6
_KILLED: Final = ("trainer", "runner", "redis")


class Scene:
    """Two runners that share a PostgreSQL and a Redis, whoever of them is killed."""

    def __init__(self, store: JobStore, address: str, redis_server: RedisServer, registry: Path) -> None:
        self.store, self.address, self.redis_server, self.registry = store, address, redis_server, registry
        self.bell = RqBell(redis_server.url)
        self.runners = [self.start_one(), self.start_one()]

    def start_one(self) -> subprocess.Popen[bytes]:
        return start_runner(self.address, self.registry, self.redis_server.url)

    def kill(self, what: str, chance: random.Random) -> None:
        if what == "trainer":
            for pid in trainers(self.registry):
                with suppress(ProcessLookupError):
                    if "cheap_trainer" in " ".join(_command(pid)):
                        os.kill(pid, signal.SIGKILL)
        elif what == "runner":
            at = chance.randrange(2)
            self.runners[at].kill()
            self.runners[at].wait()
            self.runners[at] = self.start_one()
        elif what == "redis":
            self.redis_server.stop()
            self.redis_server.start()

    def end(self) -> None:
        self.bell.close()
        for runner in self.runners:
            runner.kill()
            runner.wait()


@pytest.fixture
def store(postgres_server: Any) -> Iterator[tuple[JobStore, str]]:
    name = f"jobs_{time.time_ns()}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    address = PostgresDatabase(postgres_server, name).address
    opened = open_job_store(address)
    opened.prepare()
    yield opened, address
    opened.close()
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def scene(store: tuple[JobStore, str], redis_server: RedisServer, tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "registry").mkdir()
    built = Scene(*store, redis_server, tmp_path / "registry")
    yield built
    built.end()


@pytest.mark.parametrize(
    ("n_moments", "seed"),
    [(4, 1), pytest.param(30, 2, marks=pytest.mark.long), pytest.param(30, 3, marks=pytest.mark.long)],
)
@pytest.mark.timeout(900)
def test_whatever_is_killed_at_any_moment_each_training_ends_once(scene: Scene, n_moments: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    jobs = []
    for moment in range(n_moments):
        model = f"model-{moment % _MODELS}"
        jobs.append(queue(scene.store, model, config={"seconds": _TRAINING_S, "activates_s": 0.2}))
        scene.bell.ring(jobs[-1].id)
        time.sleep(chance.uniform(0.2, 1.5))  # the moment itself is left to chance

        scene.kill(chance.choice(_KILLED), chance)

    until(lambda: all(_state(scene.store, job.id) in ENDED for job in jobs))
    told = [scene.store.get(job.id) for job in jobs]
    done = [job for job in told if job is not None and job.state is JobState.SUCCEEDED]
    given_up = [job for job in told if job is not None and job.state is not JobState.SUCCEEDED]
    versions = published(scene.registry)
    assert len(versions) == len(set(versions))
    assert {str(job.id) for job in done} <= set(versions)
    assert {job.outcome.version for job in done if job.outcome} <= set(range(1, len(versions) + 1))
    assert all((job.state, job.attempts) == (JobState.FAILED, 2) and job.problem for job in given_up)
    assert scene.store.page(state=JobState.RUNNING) == scene.store.page(state=JobState.QUEUED) == []


def test_a_trainer_that_is_killed_fails_or_is_run_again_and_the_server_answers(
    start_server: Callable[..., Any], tiny_models: Path, redis_server: RedisServer
) -> None:
    server = start_server(
        tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_JOB_WORKERS="1", PARLEY_JOB_LOST_AFTER_S="2",
        PARLEY_REDIS_URL=redis_server.url,
    )  # fmt: skip
    store = open_job_store(f"sqlite:///{server.log.parent / 'var' / 'parley.db'}")
    with unharmed(server), Clients(server, 2) as clients:
        store.prepare()
        job = queue(store, "other")  # with nothing that could be learned from
        redis_server.stop()
        until(lambda: _state(store, job.id) is JobState.FAILED)
        runner = next(child for child in psutil.Process(server.process.pid).children() if "worker" in child.cmdline())
        runner.kill()
        redis_server.start()
        until(lambda: is_dead(runner.pid))
        again = queue(store, "other")
        until(lambda: _state(store, again.id) is JobState.FAILED)
        clients.answered_more(20)

    assert clients.failed == []
    assert set(clients.answered) == {200}
    found = store.get(job.id)
    assert found is not None
    assert found.code == "unreadable_data"
    store.close()


def _state(store: JobStore, job: Any) -> JobState:
    found = store.get(job)
    assert found is not None
    return found.state


def _command(pid: int) -> list[str]:
    try:
        return [str(word) for word in psutil.Process(pid).cmdline()]
    except psutil.Error:
        return []
