"""What a batch was given and has answered: written by who holds the job alone, and deleted when it is time."""

from datetime import timedelta

import pytest

from app.domain.job import BatchOrder, Claim, Ending, Job, JobKind, JobOutcome, JobProgress, JobState
from app.storage.job_store import JobStore
from tests.database import Database
from tests.job_stores import open_job_store, queue, queue_batch

DONE = Ending(JobState.SUCCEEDED, JobOutcome(3, n_answered=2, n_failed=1))
LONG_AGO = timedelta(seconds=-1)


def claim_of(store: JobStore) -> Claim:
    claimed = store.claim("runner")
    assert claimed is not None
    return claimed.claim


def pieces(store: JobStore, job: Job) -> list[bytes | None]:
    """Give the first piece of what it was given, and those of what it answered."""
    return [store.piece(job.id, "in", 0), store.piece(job.id, "out", 0), store.piece(job.id, "out", 1)]


@pytest.fixture
def answering(jobs_store: JobStore) -> tuple[Job, Claim]:
    """A batch that is run, and has answered something."""
    job = queue_batch(jobs_store)
    claim = claim_of(jobs_store)
    assert jobs_store.begin_result(claim)
    assert jobs_store.append_result(claim, 0, b"first")
    return job, claim


def test_a_batch_is_found_as_it_was_queued(jobs_store: JobStore) -> None:
    job = queue_batch(jobs_store, pieces=[b"one", b"two"])

    found = jobs_store.get(job.id)
    assert found == job
    assert (job.order, job.state, job.result_until) == (BatchOrder("desk", "desk@2", 3, 5), JobState.QUEUED, None)
    assert [jobs_store.piece(job.id, "in", number) for number in range(3)] == [b"one", b"two", None]
    assert jobs_store.snapshot(job.id) is None


def test_a_batch_that_succeeded_keeps_its_answers_and_nothing_else(
    jobs_store: JobStore, answering: tuple[Job, Claim]
) -> None:
    job, claim = answering
    assert jobs_store.append_result(claim, 1, b"second")
    assert jobs_store.progress(claim, JobProgress("answering", line=2, n_lines=3))
    assert jobs_store.end(claim, DONE)

    ended = jobs_store.get(job.id)
    assert ended is not None
    assert ended.outcome == DONE.outcome
    assert ended.ended_at is not None
    assert ended.result_until == ended.ended_at + timedelta(days=1)
    assert pieces(jobs_store, job) == [None, b"first", b"second"]
    assert jobs_store.result_piece(job.id, 1) == b"second"


@pytest.mark.parametrize("how", ["failed", "cancelled", "cancelled while queued", "lost too often", "released"])
def test_a_batch_that_ends_otherwise_leaves_nothing(
    jobs_store: JobStore, answering: tuple[Job, Claim], how: str
) -> None:
    job, claim = answering
    match how:
        case "failed":
            jobs_store.end(claim, Ending(JobState.FAILED, None, "no", "internal"))
        case "cancelled":
            jobs_store.end(claim, Ending(JobState.CANCELLED))
        case "cancelled while queued":
            jobs_store.release(claim, counts=True)
            jobs_store.cancel(job.id)
        case "lost too often":
            jobs_store.take_up_stale(LONG_AGO, max_attempts=1)
        case "released":
            jobs_store.cancel(job.id)
            jobs_store.release(claim, counts=True)

    ended = jobs_store.get(job.id)
    assert ended is not None
    assert (ended.result_until, pieces(jobs_store, job)) == (None, [None, None, None])


def test_whoever_lost_a_batch_writes_nothing_more(jobs_store: JobStore, answering: tuple[Job, Claim]) -> None:
    job, lost = answering
    jobs_store.take_up_stale(LONG_AGO, max_attempts=2)

    assert pieces(jobs_store, job) == [b"x", b"first", None]
    assert not jobs_store.append_result(lost, 1, b"late")
    claim = claim_of(jobs_store)
    assert jobs_store.begin_result(claim)
    assert not jobs_store.begin_result(lost)
    assert not jobs_store.append_result(lost, 0, b"late")

    assert pieces(jobs_store, job) == [b"x", None, None]


def test_a_piece_that_is_written_twice_stands_once(jobs_store: JobStore, answering: tuple[Job, Claim]) -> None:
    job, claim = answering

    assert jobs_store.append_result(claim, 0, b"first")

    assert pieces(jobs_store, job) == [b"x", b"first", None]


def test_answers_are_told_and_kept_for_so_long_and_no_longer(database: Database) -> None:
    store, hasty = open_job_store(database.address), open_job_store(database.address, timedelta(0))
    store.prepare()
    jobs = []
    for one in (store, hasty):
        jobs.append(queue_batch(store))
        claim = claim_of(store)
        store.append_result(claim, 0, b"first")
        one.end(claim, DONE)
    kept, expired = jobs

    assert [store.result_piece(job.id, 0) for job in (kept, expired)] == [b"first", None]
    assert pieces(store, expired) == [None, b"first", None]
    assert [store.forget_expired(), store.forget_expired()] == [1, 0]

    found = store.get(expired.id)
    assert found is not None
    assert (found.state, found.outcome, found.result_until) == (JobState.SUCCEEDED, DONE.outcome, None)
    assert pieces(store, expired) == [None, None, None]
    assert pieces(store, kept) == [None, b"first", None]
    hasty.close()
    store.close()


def test_answers_are_forgotten_when_somebody_says_so(jobs_store: JobStore, answering: tuple[Job, Claim]) -> None:
    job, claim = answering
    jobs_store.end(claim, DONE)

    jobs_store.forget_result(job.id)

    found = jobs_store.get(job.id)
    assert found is not None
    assert (found.result_until, pieces(jobs_store, job)) == (None, [None, None, None])


def test_of_many_answers_none_is_left(jobs_store: JobStore, answering: tuple[Job, Claim]) -> None:
    job, claim = answering
    for number in range(100):
        jobs_store.append_result(claim, number, b"x")
    jobs_store.end(claim, DONE)

    jobs_store.forget_result(job.id)

    assert [jobs_store.piece(job.id, "out", number) for number in range(100)] == [None] * 100


def test_a_batch_waits_for_no_training_of_its_model(jobs_store: JobStore) -> None:
    training, second = queue(jobs_store), queue(jobs_store)
    batch = queue_batch(jobs_store)

    assert [claim_of(jobs_store).job, claim_of(jobs_store).job] == [training.id, batch.id]
    assert jobs_store.claim("runner") is None
    found = jobs_store.get(second.id)
    assert found is not None
    assert found.state is JobState.QUEUED


def test_batches_of_others_are_left_out_of_a_list(jobs_store: JobStore) -> None:
    training, mine, other = queue(jobs_store), queue_batch(jobs_store), queue_batch(jobs_store, caller="bob")

    assert [job.id for job in jobs_store.page()] == [other.id, mine.id, training.id]
    assert [job.id for job in jobs_store.page(batches_of="ada")] == [mine.id, training.id]
    assert [job.id for job in jobs_store.page(kind=JobKind.PREDICT, batches_of="bob")] == [other.id]
    assert [job.id for job in jobs_store.page(kind=JobKind.TRAIN)] == [training.id]
