"""A batch is answered by one version, each line once, however often it is begun and whatever happens meanwhile."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from app.domain.batch_errors import ResultTooLargeError
from app.domain.job import BatchOrder, Claim, Ending, Job, JobOutcome, JobState
from app.domain.storage_errors import StorageUnavailableError
from app.jobs import last_word
from app.jobs.batch import AnsweredPart, LoadedBatch, run_batch
from app.jobs.events import Event, Failed, Finished, Progressed, Said
from app.storage.job_store import JobStore
from tests.job_stores import queue, queue_batch

Answer = Callable[[Iterable[bytes]], Iterator[AnsweredPart]]
PIECES = [b"one", b"two", b"three"]


@pytest.fixture
def job(jobs_store: JobStore) -> Job:
    """A batch of three pieces, a line each."""
    return queue_batch(jobs_store, pieces=PIECES)


def claim_of(store: JobStore) -> Claim:
    claimed = store.claim("runner")
    assert claimed is not None
    return claimed.claim


def echo(pieces: Iterable[bytes]) -> Iterator[AnsweredPart]:
    """Answer each piece as soon as it is read; the second is nothing to be answered."""
    for piece in pieces:
        is_wrong = piece == b"two"
        yield AnsweredPart((piece.upper(),), int(not is_wrong), int(is_wrong))


def run(store: JobStore, claim: Claim, answer: Answer = echo, version: int = 7) -> list[Event]:
    told: list[Event] = []

    def load(_: BatchOrder) -> LoadedBatch:
        return LoadedBatch(version, answer)

    is_done = run_batch(claim, store, load, told.append)
    assert is_done == isinstance(told[-1], Finished)
    return told


def result(store: JobStore, job: Job) -> list[bytes | None]:
    return [store.piece(job.id, "out", number) for number in range(4)]


def test_all_lines_are_answered_and_it_is_told_how_far_it_came(jobs_store: JobStore, job: Job) -> None:
    told = run(jobs_store, claim_of(jobs_store))

    assert told[-1] == Finished(JobOutcome(7, n_answered=2, n_failed=1))
    assert result(jobs_store, job) == [b"ONE", b"TWO", b"THREE", None]
    progress = [one.progress for one in told if isinstance(one, Progressed)]
    assert [(one.stage, one.line, one.n_lines) for one in (progress[0], progress[-1])] == [
        ("loading", 0, 3), ("answering", 3, 3),
    ]  # fmt: skip
    assert "2 lines are answered, 1 are not" in [one.line for one in told if isinstance(one, Said)]


def test_what_an_attempt_before_has_answered_is_answered_anew(jobs_store: JobStore, job: Job) -> None:
    first = claim_of(jobs_store)

    def dies(_: Iterable[bytes]) -> Iterator[AnsweredPart]:
        yield AnsweredPart((b"of an older version", b"and more", b"and more", b"and more"), 1, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(jobs_store, first, dies, version=6)
    jobs_store.release(first, counts=True)

    told = run(jobs_store, claim_of(jobs_store))

    assert told[-1] == Finished(JobOutcome(7, n_answered=2, n_failed=1))
    assert result(jobs_store, job) == [b"ONE", b"TWO", b"THREE", None]


def test_a_batch_that_was_given_to_somebody_else_is_left_alone(jobs_store: JobStore, job: Job) -> None:
    lost = claim_of(jobs_store)

    def is_overtaken(pieces: Iterable[bytes]) -> Iterator[AnsweredPart]:
        jobs_store.release(lost, counts=True)
        assert isinstance(run(jobs_store, claim_of(jobs_store))[-1], Finished)
        return echo(pieces)

    told = run(jobs_store, lost, is_overtaken)

    assert isinstance(told[-1], Failed)
    assert told[-1].code == "claim_lost"
    assert result(jobs_store, job) == [b"ONE", b"TWO", b"THREE", None]


def test_a_batch_that_is_cancelled_in_the_middle_comes_to_no_result(jobs_store: JobStore, job: Job) -> None:
    claim = claim_of(jobs_store)

    def is_cancelled(pieces: Iterable[bytes]) -> Iterator[AnsweredPart]:
        read = iter(pieces)
        yield from echo([next(read)])
        jobs_store.end(claim, Ending(JobState.CANCELLED))
        assert next(read, None) is None
        # it looks as if that were all

    told = run(jobs_store, claim, is_cancelled)

    assert isinstance(told[-1], Failed)
    assert result(jobs_store, job) == [None] * 4


def test_a_training_is_no_batch(jobs_store: JobStore) -> None:
    queue(jobs_store)

    told = run(jobs_store, claim_of(jobs_store))

    assert isinstance(told[-1], Failed)


@pytest.mark.usefixtures("job")
def test_a_failure_has_its_code_and_sentence(jobs_store: JobStore) -> None:
    def is_too_large(_: Iterable[bytes]) -> Iterator[AnsweredPart]:
        raise ResultTooLargeError(1)

    told = run(jobs_store, claim_of(jobs_store), is_too_large)

    assert told[-1] == Failed("its result takes more than batch_result_mb allows: 1 MB, compressed", "result_too_large")


class Away(JobStore):
    """A table that is away now and then."""

    n_asked = 0

    def append_result(self, claim: Claim, number: int, content: bytes) -> bool:
        type(self).n_asked += 1
        if self.n_asked % 2:
            raise StorageUnavailableError("the database", "it is away")
        return super().append_result(claim, number, content)


def test_a_database_that_is_away_for_a_while_is_waited_for(
    jobs_store: JobStore, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_word, "_ASKS_AGAIN_S", 0.0)

    told = run(Away(jobs_store.engine), claim_of(jobs_store))

    assert isinstance(told[-1], Finished)
    assert result(jobs_store, job) == [b"ONE", b"TWO", b"THREE", None]
