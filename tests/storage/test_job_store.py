"""The job table is the one truth: claims are had by one alone, and who lost one changes nothing any more."""

import math
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from app.domain.job import (
    Activation,
    Claim,
    ClaimedJob,
    Ending,
    JobOutcome,
    JobProgress,
    JobState,
    TrainingMode,
    TrainingOrder,
)
from app.domain.job_errors import QueueFullError
from app.domain.storage_errors import StorageUnavailableError
from app.storage.job_log import MAX_LINES
from app.storage.job_store import JobStore
from tests.database import Database
from tests.job_stores import SNAPSHOT, open_job_store, queue

LONG_AGO = timedelta(hours=1)
AT_ONCE = timedelta(seconds=-1)
"""Whoever has not been heard since a second from now is taken for lost."""


def claimed(store: JobStore) -> ClaimedJob:
    taken = store.claim("runner")
    assert taken is not None
    return taken


def state_of(store: JobStore, claim: Claim) -> JobState:
    job = store.get(claim.job)
    assert job is not None
    return job.state


def test_a_job_is_found_as_it_was_queued(jobs_store: JobStore) -> None:
    order = TrainingOrder(
        "desk",
        {"family": "bow", "training": {"epochs": 3}},
        TrainingMode.INCREMENTAL,
        Activation.IF_BETTER,
        "https://x",
    )

    job, is_new = jobs_store.add(order, "ada", SNAPSHOT, ["few examples"], max_queued=1)

    assert is_new
    assert jobs_store.get(job.id) == job
    assert (job.order, job.caller, job.state, job.warnings) == (order, "ada", JobState.QUEUED, ("few examples",))
    assert (job.position, job.attempts, job.started_at, job.ended_at) == (0, 0, None, None)
    assert job.created_at.utcoffset() == timedelta(0)
    assert jobs_store.snapshot(job.id) == SNAPSHOT


def test_what_was_never_queued_is_not_found(jobs_store: JobStore) -> None:
    assert jobs_store.get(uuid4()) is None
    assert jobs_store.snapshot(uuid4()) is None
    assert jobs_store.cancel(uuid4()) is None
    assert jobs_store.claim("runner") is None


def test_the_same_key_of_the_same_caller_gives_the_same_job(jobs_store: JobStore) -> None:
    first = queue(jobs_store, idempotency_key="k")
    again, is_new = jobs_store.add(TrainingOrder("other", {}), "ada", b"", (), "k", max_queued=1)

    assert (again.id, is_new) == (first.id, False)
    assert queue(jobs_store, caller="bob", idempotency_key="k").id != first.id
    assert queue(jobs_store).id != queue(jobs_store).id


def test_the_same_key_from_many_at_once_makes_one_job(jobs_store: JobStore) -> None:
    ids = []

    def submit() -> None:
        ids.append(queue(jobs_store, idempotency_key="k").id)

    together(submit, 8)

    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_no_more_are_queued_than_are_allowed_however_many_come_at_once(jobs_store: JobStore) -> None:
    queued, refused = [], []

    def submit() -> None:
        try:
            queued.append(jobs_store.add(TrainingOrder("desk", {}), "ada", b"", max_queued=3))
        except QueueFullError:
            refused.append(1)

    together(submit, 12)

    assert (len(queued), len(refused)) == (3, 9)


def test_the_oldest_is_run_first_and_the_others_move_up(jobs_store: JobStore) -> None:
    first, second, third = (queue(jobs_store, model) for model in ("a", "b", "c"))
    assert [first.position, second.position, third.position] == [0, 1, 2]

    taken = claimed(jobs_store)

    assert taken.job.id == first.id
    assert (taken.job.state, taken.job.attempts, taken.claim.number) == (JobState.RUNNING, 1, 1)
    assert taken.job.started_at is not None
    assert [job.position for job in jobs_store.page()] == [1, 0, None]


def test_of_a_model_one_job_runs_and_others_wait(jobs_store: JobStore) -> None:
    first, second, other = queue(jobs_store), queue(jobs_store), queue(jobs_store, "other")

    taken = [claimed(jobs_store) for _ in range(2)]

    assert [one.job.id for one in taken] == [first.id, other.id]
    assert jobs_store.claim("runner") is None
    jobs_store.end(taken[0].claim, Ending(JobState.SUCCEEDED))
    assert claimed(jobs_store).job.id == second.id


def test_each_job_is_claimed_by_one_of_many_runners(jobs_store: JobStore) -> None:
    queued = {queue(jobs_store, f"model-{n}").id for n in range(6)}
    taken = []

    def claim() -> None:
        while (one := jobs_store.claim("runner")) is not None:
            taken.append(one.job.id)

    together(claim, 4)

    assert sorted(taken) == sorted(queued)


def test_what_a_runner_writes_is_found(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim
    progress = JobProgress("training", 3, 40, loss=0.5, eta_s=2.0)

    assert jobs_store.heartbeat(claim) == (True, False)
    assert jobs_store.progress(claim, progress)
    assert jobs_store.append_lines(claim, ["one", "two"])
    assert jobs_store.append_lines(claim, ["three"])

    job = jobs_store.get(claim.job)
    assert job is not None
    assert job.progress == progress
    assert [(line.number, line.line) for line in jobs_store.lines(claim.job)] == [(1, "one"), (2, "two"), (3, "three")]
    assert [line.line for line in jobs_store.lines(claim.job, after=1, limit=1)] == ["two"]


def test_a_loss_that_is_no_number_is_kept_as_none(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim

    jobs_store.progress(claim, JobProgress("training", 1, 2, loss=math.nan))

    job = jobs_store.get(claim.job)
    assert job is not None
    assert job.progress == JobProgress("training", 1, 2, loss=None)


def test_a_log_has_an_end_and_so_has_a_line(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim

    jobs_store.append_lines(claim, ["x" * 10_000, "nul \0"])
    jobs_store.append_lines(claim, [str(n) for n in range(MAX_LINES)])
    jobs_store.append_lines(claim, ["too much"])

    lines = jobs_store.lines(claim.job, limit=2 * MAX_LINES)
    assert len(lines) == MAX_LINES
    assert len(lines[0].line) == 500
    assert lines[1].line == "nul \ufffd"
    assert lines[-1].line == "what follows is left out: the log is full"


def test_a_job_that_ends_keeps_what_it_came_to_and_forgets_what_it_learned_from(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim
    outcome = JobOutcome(3, is_active=True, metrics={"test": {"accuracy": 0.9}}, notes=("gained",), regressions=("x",))

    assert jobs_store.end(claim, Ending(JobState.REFUSED, outcome, "worse", "gate"))

    job = jobs_store.get(claim.job)
    assert job is not None
    assert (job.state, job.outcome, job.problem, job.code) == (JobState.REFUSED, outcome, "worse", "gate")
    assert job.ended_at is not None
    assert jobs_store.snapshot(claim.job) is None
    assert not jobs_store.end(claim, Ending(JobState.SUCCEEDED))


def test_who_was_taken_for_lost_changes_nothing_any_more(jobs_store: JobStore) -> None:
    queue(jobs_store)
    old = claimed(jobs_store).claim
    jobs_store.take_up_stale(AT_ONCE, max_attempts=2)
    new = claimed(jobs_store).claim
    n_lines = len(jobs_store.lines(old.job))

    assert new == Claim(old.job, 2)
    assert (jobs_store.holds(old), jobs_store.holds(new)) == (False, True)
    assert jobs_store.heartbeat(old) == (False, False)
    assert not jobs_store.progress(old, JobProgress("late"))
    assert not jobs_store.append_lines(old, ["late"])
    assert not jobs_store.release(old, counts=True)
    assert not jobs_store.end(old, Ending(JobState.SUCCEEDED))
    job = jobs_store.get(old.job)
    assert job is not None
    assert (job.state, job.progress, len(jobs_store.lines(old.job))) == (JobState.RUNNING, None, n_lines)


def test_who_was_taken_for_lost_holds_nothing_while_the_job_waits(jobs_store: JobStore) -> None:
    queue(jobs_store)
    old = claimed(jobs_store).claim

    jobs_store.take_up_stale(AT_ONCE, max_attempts=2)

    assert not jobs_store.holds(old)
    assert jobs_store.heartbeat(old) == (False, False)
    assert state_of(jobs_store, old) is JobState.QUEUED


def test_a_job_whose_runner_is_lost_is_queued_again_once_and_then_has_failed(jobs_store: JobStore) -> None:
    queue(jobs_store)

    assert claimed(jobs_store).job.attempts == 1
    assert jobs_store.take_up_stale(LONG_AGO, max_attempts=2) == []
    [again] = jobs_store.take_up_stale(AT_ONCE, max_attempts=2)
    assert (again.state, again.problem, again.code) == (JobState.QUEUED, "its runner runner was lost", "runner_lost")

    assert claimed(jobs_store).job.attempts == 2
    [failed] = jobs_store.take_up_stale(AT_ONCE, max_attempts=2)
    assert (failed.state, failed.problem) == (JobState.FAILED, "its runner runner was lost, in attempt 2")
    assert len(jobs_store.lines(failed.id)) == 2
    assert jobs_store.snapshot(failed.id) is None
    assert jobs_store.claim("runner") is None


def test_a_lost_job_is_taken_up_by_one_of_many(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claimed(jobs_store)
    taken_up = []

    together(lambda: taken_up.extend(jobs_store.take_up_stale(AT_ONCE, max_attempts=2)), 4)

    assert len(taken_up) == 1


def test_a_job_that_is_released_waits_in_its_old_place(jobs_store: JobStore) -> None:
    first, second = queue(jobs_store), queue(jobs_store)
    claim = claimed(jobs_store).claim

    assert jobs_store.release(claim, "the runner stops", "stopped", counts=False)

    assert [job.position for job in (jobs_store.get(first.id), jobs_store.get(second.id)) if job] == [0, 1]
    again = claimed(jobs_store)
    assert (again.job.id, again.job.attempts, again.job.problem) == (first.id, 1, "the runner stops")


def test_an_attempt_that_counts_is_counted(jobs_store: JobStore) -> None:
    queue(jobs_store)
    jobs_store.release(claimed(jobs_store).claim, "killed", "killed", counts=True)

    assert claimed(jobs_store).job.attempts == 2


def test_a_queued_job_is_cancelled_at_once_and_never_run(jobs_store: JobStore) -> None:
    job = queue(jobs_store)

    cancelled = jobs_store.cancel(job.id)

    assert cancelled is not None
    assert cancelled.state is JobState.CANCELLED
    assert cancelled.ended_at is not None
    assert jobs_store.snapshot(job.id) is None
    assert jobs_store.claim("runner") is None


def test_a_running_job_is_cancelled_by_its_runner(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim

    flagged = jobs_store.cancel(claim.job)

    assert flagged is not None
    assert (flagged.state, flagged.is_to_be_cancelled) == (JobState.RUNNING, True)
    assert jobs_store.heartbeat(claim) == (True, True)


@pytest.mark.parametrize(
    "lose",
    [
        lambda store, claim: store.release(claim, counts=False),
        lambda store, _: store.take_up_stale(AT_ONCE, max_attempts=2),
    ],
    ids=["released", "lost"],
)
def test_a_job_that_is_to_be_cancelled_is_not_queued_again(
    jobs_store: JobStore, lose: Callable[[JobStore, Claim], object]
) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim
    jobs_store.cancel(claim.job)

    lose(jobs_store, claim)

    assert state_of(jobs_store, claim) is JobState.CANCELLED


def test_cancelling_changes_nothing_of_what_has_ended(jobs_store: JobStore) -> None:
    queue(jobs_store)
    claim = claimed(jobs_store).claim
    jobs_store.end(claim, Ending(JobState.SUCCEEDED))

    job = jobs_store.cancel(claim.job)

    assert job is not None
    assert (job.state, job.is_to_be_cancelled) == (JobState.SUCCEEDED, False)


def test_pages_are_of_a_model_and_of_a_state_newest_first(jobs_store: JobStore) -> None:
    a, b, c = (queue(jobs_store, model) for model in ("x", "y", "x"))
    claimed(jobs_store)

    assert [job.id for job in jobs_store.page()] == [c.id, b.id, a.id]
    assert [job.id for job in jobs_store.page(limit=1, before=c.id)] == [b.id]
    assert [job.id for job in jobs_store.page(model="x")] == [c.id, a.id]
    assert [job.id for job in jobs_store.page(state=JobState.RUNNING)] == [a.id]


def test_a_database_that_is_away_is_told_by_every_method(database: Database) -> None:
    store = open_job_store(database.address)
    store.prepare()
    claim = Claim(queue(store).id, 1)
    database.take_away()
    try:
        for call in (
            lambda: queue(store),
            lambda: store.get(claim.job),
            lambda: store.snapshot(claim.job),
            store.page,
            lambda: store.lines(claim.job),
            lambda: store.cancel(claim.job),
            lambda: store.claim("runner"),
            lambda: store.holds(claim),
            lambda: store.heartbeat(claim),
            lambda: store.progress(claim, JobProgress("x")),
            lambda: store.append_lines(claim, ["x"]),
            lambda: store.end(claim, Ending(JobState.FAILED)),
            lambda: store.release(claim, counts=True),
            lambda: store.take_up_stale(LONG_AGO, max_attempts=2),
        ):
            with pytest.raises(StorageUnavailableError):
                call()
    finally:
        database.bring_back()
        store.close()


def together(do: Callable[[], object], n: int) -> None:
    """Do something in many threads at once."""
    start = threading.Barrier(n)

    def begin() -> None:
        start.wait()
        do()

    threads = [threading.Thread(target=begin) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
