"""What callers can do with jobs, whatever the database does meanwhile."""

import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from app.domain.audit import Deed
from app.domain.errors import InvalidRequestError
from app.domain.job import BatchOrder, Ending, Job, JobState, TrainingOrder
from app.domain.job_errors import JobEndedError, JobNotFoundError, QueueFullError
from app.domain.storage_errors import StorageUnavailableError
from app.service.jobs import Jobs
from app.storage.job_store import JobStore
from tests.database import Database
from tests.deeds import ListedDeeds
from tests.job_stores import SNAPSHOT, open_job_store

ORDER = TrainingOrder("desk", {"family": "bow"})


@pytest.fixture
def deeds() -> ListedDeeds:
    return ListedDeeds()


@pytest.fixture
def rung() -> list[UUID]:
    return []


@pytest.fixture
def jobs(database: Database, deeds: ListedDeeds, rung: list[UUID]) -> Iterator[Jobs]:
    """Jobs in a database without tables; two may wait."""
    opened = Jobs(lambda: open_job_store(database.address), max_queued=2, ring=rung.append, audit=deeds)
    yield opened
    opened.close()


def submit(jobs: Jobs, key: str | None = None) -> Job:
    return jobs.submit(ORDER, "ada", SNAPSHOT, ["a warning"], key)[0]


def test_who_submits_first_finds_the_tables_made(jobs: Jobs, rung: list[UUID], deeds: ListedDeeds) -> None:
    job = submit(jobs)

    assert jobs.get(str(job.id)) == job
    assert rung == [job.id]
    assert [told[:4] for told in deeds.told] == [("ada", Deed.TRAIN, "desk", None)]
    assert deeds.told[0].details


def test_a_key_that_came_before_queues_rings_and_records_nothing(
    jobs: Jobs, rung: list[UUID], deeds: ListedDeeds
) -> None:
    assert submit(jobs, "k").id == submit(jobs, "k").id
    assert (len(rung), len(deeds.told), len(jobs.page())) == (1, 1, 1)


def test_more_than_may_wait_are_refused(jobs: Jobs, rung: list[UUID]) -> None:
    submit(jobs)
    submit(jobs)

    with pytest.raises(QueueFullError, match="2 jobs wait already"):
        submit(jobs)
    with pytest.raises(QueueFullError, match="2 jobs wait already"):
        jobs.submit_batch(BatchOrder("desk", "desk", 1), "ada", [b"x"])

    assert len(rung) == 2


@pytest.mark.parametrize("job_id", ["", "x", "../etc", "01890a5d-ac96-774b-bcce-b302099a8057", "\0"])
def test_a_job_that_is_not_there_is_told(jobs: Jobs, job_id: str) -> None:
    calls: list[Callable[[str], object]] = [
        jobs.get,
        jobs.lines,
        lambda one: jobs.cancel(one, "ada"),
        lambda one: jobs.wait(one, 1),
    ]
    for call in calls:
        with pytest.raises(JobNotFoundError):
            call(job_id)


def test_a_page_begins_after_the_one_before(jobs: Jobs) -> None:
    first, second = submit(jobs), submit(jobs)

    assert [job.id for job in jobs.page(limit=1, before=str(second.id))] == [first.id]
    with pytest.raises(InvalidRequestError) as caught:
        jobs.page(before="x")
    assert caught.value.field == "before"


def test_cancelling_twice_is_as_good_as_once(jobs: Jobs, deeds: ListedDeeds) -> None:
    job = submit(jobs)

    assert [jobs.cancel(str(job.id), "bob").state for _ in range(2)] == [JobState.CANCELLED] * 2
    assert [told[:4] for told in deeds.told[1:]] == [("bob", Deed.CANCEL, "desk", None)]
    assert deeds.told[1].details


def test_what_has_ended_cannot_be_cancelled(jobs: Jobs, database: Database) -> None:
    job = submit(jobs)
    end(database)

    with pytest.raises(JobEndedError, match="it is succeeded"):
        jobs.cancel(str(job.id), "ada")


def test_who_waits_has_the_job_when_it_has_ended(jobs: Jobs, database: Database) -> None:
    job = submit(jobs)
    threading.Timer(0.2, end, [database]).start()

    assert jobs.wait(str(job.id), 60).state is JobState.SUCCEEDED


def test_who_waits_in_vain_has_the_job_as_it_stands(jobs: Jobs) -> None:
    assert jobs.wait(str(submit(jobs).id), 0.05).state is JobState.QUEUED


def test_while_the_database_is_away_that_is_told_and_afterwards_all_is_as_before(
    jobs: Jobs, database: Database
) -> None:
    database.take_away()
    try:
        with pytest.raises(StorageUnavailableError):
            submit(jobs)
    finally:
        database.bring_back()

    assert submit(jobs).state is JobState.QUEUED


def test_two_hundred_at_once_are_queued_or_refused(database: Database) -> None:
    jobs = Jobs(lambda: open_job_store(database.address), max_queued=100)
    queued, refused = [], []

    def train() -> None:
        try:
            queued.append(submit(jobs).id)
        except QueueFullError:
            refused.append(1)

    threads = [threading.Thread(target=train) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(set(queued)), len(refused)) == (100, 100)
    assert {job.id for job in jobs.page(limit=200)} == set(queued)
    jobs.close()


def end(database: Database) -> None:
    store: JobStore = open_job_store(database.address)
    claimed = store.claim("runner")
    assert claimed is not None
    store.end(claimed.claim, Ending(JobState.SUCCEEDED))
    store.close()
