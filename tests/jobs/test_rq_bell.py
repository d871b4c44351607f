"""Messages of RQ tell runners of jobs at once, and whatever becomes of Redis, no job is lost and no runner ends."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app.domain.job import JobState
from app.jobs.rq_bell import QUEUE, RqBell
from app.jobs.stop_request import StopRequest
from app.storage.job_store import JobStore
from tests.database import SqliteFile
from tests.job_stores import open_job_store, queue
from tests.jobs.runners import ended, published, running, start_runner
from tests.redis_server import RedisServer
from tests.workers import until


@pytest.fixture
def file(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "jobs.db")


@pytest.fixture
def table(file: SqliteFile) -> Iterator[JobStore]:
    opened = open_job_store(file.address)
    opened.prepare()
    yield opened
    opened.close()


@pytest.fixture
def start(
    redis_server: RedisServer, file: SqliteFile, registry: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started = []

    def start_one() -> subprocess.Popen[bytes]:
        started.append(start_runner(file.address, registry, redis_server.url))
        return started[-1]

    yield start_one
    for runner in started:
        runner.kill()
        runner.wait()


def messages(redis_server: RedisServer) -> list[str]:
    with redis_server.client() as client:
        return Queue(QUEUE, connection=client, serializer=JSONSerializer).job_ids


def test_a_message_holds_the_id_of_a_job_as_json_and_is_heard_once(redis_server: RedisServer) -> None:
    job = uuid4()
    with closing(RqBell(redis_server.url)) as door, closing(RqBell(redis_server.url, "runner")) as bell:
        door.ring(job)
        with redis_server.client() as client:
            queued = Queue(QUEUE, connection=client, serializer=JSONSerializer).jobs[0]
            assert (queued.id, list(queued.args)) == (str(job), [str(job)])
            assert json.loads(queued.serializer.dumps(queued.args)) == [str(job)]

        bell.wait(StopRequest())

        assert messages(redis_server) == []
        with redis_server.client() as client:
            assert client.keys("rq:job:*") == []


def test_who_waits_is_seen_among_the_workers_of_rq_until_it_ends(redis_server: RedisServer) -> None:
    bell, door = RqBell(redis_server.url, "a-runner"), RqBell(redis_server.url)
    door.ring(uuid4())
    bell.wait(StopRequest())
    with redis_server.client() as client:
        assert [worker.name for worker in Worker.all(connection=client)] == ["a-runner"]

        bell.close()

        assert Worker.all(connection=client) == []
    door.close()


def test_a_redis_that_is_away_or_asleep_is_nobodys_fault(redis_server: RedisServer) -> None:
    redis_server.stop()
    stop = StopRequest()
    with closing(RqBell(redis_server.url, "runner")) as bell:
        bell.ring(uuid4())
        bell.wait(stop)
    redis_server.start()
    redis_server.sleep()
    with closing(RqBell(redis_server.url, "runner")) as bell:
        bell.ring(uuid4())
        bell.wait(stop)
    redis_server.wake()

    assert not stop.is_made


def test_a_job_whose_message_was_lost_is_run(redis_server: RedisServer, table, registry: Path, start) -> None:
    start()
    job = queue(table)
    RqBell(redis_server.url).ring(job.id)
    redis_server.forget()

    assert ended(table, job.id).state is JobState.SUCCEEDED
    assert published(registry) == [str(job.id)]


def test_a_job_that_is_rung_for_again_and_again_is_run_once(
    redis_server: RedisServer, table, registry: Path, start
) -> None:
    job = queue(table, config={"seconds": 1})
    with closing(RqBell(redis_server.url)) as bell:
        for _ in range(3):
            bell.ring(job.id)
            bell.ring(uuid4())
        start()
        start()
        running(table, job.id)
        bell.ring(job.id)

    done = ended(table, job.id)
    until(lambda: messages(redis_server) == [])
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 1)
    assert published(registry) == [str(job.id)]


def test_with_redis_down_at_the_start_jobs_are_run_all_the_same(redis_server: RedisServer, table, start) -> None:
    redis_server.stop()
    runner = start()

    assert ended(table, queue(table).id).state is JobState.SUCCEEDED
    assert runner.poll() is None


def test_redis_lost_in_the_middle_of_a_job_costs_nothing_and_is_used_when_it_is_back(
    redis_server: RedisServer, table, start
) -> None:
    runner = start()
    job = queue(table, config={"seconds": 1})
    running(table, job.id)
    redis_server.stop()
    assert ended(table, job.id).attempts == 1

    redis_server.start()

    until(lambda: has_workers(redis_server))
    assert ended(table, queue(table).id).state is JobState.SUCCEEDED
    assert runner.poll() is None


def has_workers(redis_server: RedisServer) -> bool:
    with redis_server.client() as client:
        return bool(Worker.all(connection=client))
