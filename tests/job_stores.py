"""The job table for tests, in a database of either kind."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.job import BatchOrder, Job, TrainingOrder
from app.storage.engine import open_engine
from app.storage.job_store import JobStore
from tests.database import Database

SNAPSHOT = b"what it learns from"


def open_job_store(address: str, result_kept: timedelta = timedelta(days=1)) -> JobStore:
    return JobStore(open_engine(address), result_kept)


def queue(store: JobStore, model: str = "desk", caller: str = "ada", **further: Any) -> Job:
    """Queue a job, of a model that nobody trains unless told."""
    order = TrainingOrder(model, further.pop("config", {"family": "bow"}))
    job, _ = store.add(order, caller, SNAPSHOT, max_queued=1_000, **further)
    return job


def queue_batch(
    store: JobStore, model: str = "desk", caller: str = "ada", n_lines: int = 3, pieces: Iterable[bytes] = (b"x",)
) -> Job:
    """Queue a file of lines."""
    order = BatchOrder(model, f"{model}@2", n_lines, 5)
    job, _ = store.add(order, caller, None, max_queued=1_000, pieces=pieces)
    return job


@pytest.fixture
def jobs_store(database: Database) -> Iterator[JobStore]:
    """A job table in a database of either kind, ready to be written."""
    opened = open_job_store(database.address)
    opened.prepare()
    yield opened
    opened.close()
