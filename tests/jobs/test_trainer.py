"""A trainer publishes once however often it is begun, and says in a sentence why it did not."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import UnwritableRegistryError
from app.domain.job import Claim, Job, JobOutcome
from app.domain.storage_errors import StorageUnavailableError
from app.domain.training_errors import UnusableDatasetError
from app.jobs.events import Event, EventReader, EventWriter, Failed, Finished, Published, Said
from app.jobs.trainer import Activated, JobContext, run_job
from app.storage.job_store import JobStore
from tests.database import SqliteFile
from tests.job_stores import SNAPSHOT, open_job_store, queue


class Steps:
    """Steps that do what they are told, and keep what they were asked."""

    def __init__(self, train: Callable[[JobContext], JobOutcome], before: JobOutcome | None = None) -> None:
        self._train, self._before = train, before
        self.asked: list[str] = []

    def published(self, _: Job) -> JobOutcome | None:
        self.asked.append("published")
        return self._before

    def train(self, context: JobContext) -> JobOutcome:
        self.asked.append("train")
        assert context.snapshot == SNAPSHOT
        context.allowed()
        return self._train(context)

    def activate(self, _: Job, outcome: JobOutcome) -> Activated:
        self.asked.append(f"activate {outcome.version}")
        return Activated(is_active=True, notes=("it answers",))


@pytest.fixture
def table(tmp_path: Path) -> JobStore:
    opened = open_job_store(SqliteFile(tmp_path / "jobs.db").address)
    opened.prepare()
    return opened


@pytest.fixture
def claim(table: JobStore) -> Claim:
    queue(table)
    claimed = table.claim("runner")
    assert claimed is not None
    return claimed.claim


def told_by(steps: Steps, claim: Claim, table: JobStore) -> list[Event]:
    told: list[Event] = []
    is_done = run_job(claim, table, steps, told.append)
    assert is_done == isinstance(told[-1], Finished)
    return told


def raising(error: Exception, cause: Exception | None = None) -> Callable[[JobContext], JobOutcome]:
    def train(_: JobContext) -> JobOutcome:
        raise error from cause

    return train


def test_what_was_trained_is_published_then_activated(table: JobStore, claim: Claim) -> None:
    steps = Steps(lambda _: JobOutcome(3, notes=("gained",)))

    told = told_by(steps, claim, table)

    assert steps.asked == ["published", "train", "activate 3"]
    assert Published(JobOutcome(3, notes=("gained",))) in told
    assert told[-1] == Finished(JobOutcome(3, is_active=True, notes=("gained", "it answers")))


def test_what_an_attempt_before_has_published_is_activated_and_not_trained_again(table: JobStore, claim: Claim) -> None:
    steps = Steps(raising(AssertionError()), JobOutcome(7))

    told = told_by(steps, claim, table)

    assert steps.asked == ["published", "activate 7"]
    assert told[-1] == Finished(JobOutcome(7, is_active=True, notes=("it answers",)))


@pytest.mark.parametrize("lost", [Claim(UUID(int=1), 1), None], ids=["no such job", "another claim"])
def test_who_holds_no_claim_trains_nothing(table: JobStore, claim: Claim, lost: Claim | None) -> None:
    steps = Steps(raising(AssertionError()))

    [failed] = told_by(steps, lost or Claim(claim.job, 9), table)

    assert isinstance(failed, Failed)
    assert (steps.asked, failed.code) == ([], "claim_lost")


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        (
            UnwritableRegistryError("models", "No space left on device"),
            OSError(errno.ENOSPC, "No space left on device"),
            Failed("there is no space left for the model", "no_space"),
        ),
        (
            OSError(errno.EDQUOT, "Disk quota exceeded"),
            None,
            Failed("there is no space left for the model", "no_space"),
        ),
        (
            UnwritableRegistryError("models", "Permission denied"),
            OSError(errno.EACCES, "Permission denied"),
            Failed("models cannot be written: Permission denied; the registry is as it was", "unwritable_registry"),
        ),
        (
            UnusableDatasetError("x.csv", "only the intent 'a'"),
            None,
            Failed("x.csv: only the intent 'a'", "unusable_dataset"),
        ),
        (MemoryError(), None, Failed("there is not enough memory", "out_of_memory")),
        (
            StorageUnavailableError("the database x", "away"),
            None,
            Failed("the database x cannot be used: away", "storage_unavailable", is_passing=True),
        ),
    ],
    ids=["no space", "quota", "no right", "one intent", "memory", "database"],
)
def test_a_failure_has_its_code_and_sentence(
    table: JobStore, claim: Claim, error: Exception, cause: Exception | None, expected: Failed
) -> None:
    assert told_by(Steps(raising(error, cause)), claim, table)[-1] == expected


def test_of_what_was_not_foreseen_only_the_place_is_told(table: JobStore, claim: Claim) -> None:
    failed = told_by(Steps(raising(ValueError("what somebody typed"))), claim, table)[-1]

    assert isinstance(failed, Failed)
    assert failed.code == "internal"
    assert failed.problem.startswith("something went wrong here: ValueError at test_trainer.py:")


def test_events_come_as_they_were_told_and_what_is_none_is_passed_over() -> None:
    read_end, write_end = os.pipe()
    writer, reader = EventWriter(write_end), EventReader(read_end)

    writer.tell(Said("one\nline"))
    os.write(write_end, b'no event\n{"type": "other"}\n\xff\n')
    writer.tell(Failed("x" * 100, "y"))
    os.write(write_end, b'{"type": "line", "li')

    assert reader.read() == [Said("one\nline"), Failed("x" * 100, "y")]
    assert not reader.has_ended
    os.close(write_end)
    assert reader.read() == []
    assert reader.has_ended
    reader.close()
