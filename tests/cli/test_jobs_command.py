"""`python -m app jobs` and `worker`: what the terminal shows of trainings, and does with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.job import Claim, JobState
from app.storage.job_store import JobStore
from tests.database import SqliteFile
from tests.job_stores import open_job_store, queue


@pytest.fixture
def table(tmp_path: Path) -> JobStore:
    opened = open_job_store(SqliteFile(tmp_path / "parley.db").address)
    opened.prepare()
    return opened


@pytest.fixture
def parley(python: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Run a command on the database of the test: `parley("jobs", "list")`."""
    environment = {"PARLEY_VAR_DIR": str(tmp_path), "PARLEY_MODELS_DIR": str(tmp_path / "models")}
    return lambda *words: python("-m", "app", *words, environment=environment)


def test_jobs_are_listed_newest_first(table: JobStore, parley: Callable[..., Any]) -> None:
    first, second = queue(table, "desk"), queue(table, "shop")

    listed = json.loads(parley("jobs", "list", "--json").stdout)["jobs"]
    assert [(job["id"], job["position"]) for job in listed] == [(str(second.id), 1), (str(first.id), 0)]
    shown = parley("jobs", "list", "--model", "desk", "--state", "queued").stdout
    assert "desk" in shown
    assert "shop" not in shown


def test_a_job_is_shown_with_its_log(table: JobStore, parley: Callable[..., Any]) -> None:
    job = queue(table)
    table.claim("runner")
    table.append_lines(Claim(job.id, 1), ["hello", "a bell \a"])

    assert json.loads(parley("jobs", "show", job.id).stdout)["state"] == "running"
    lines = parley("jobs", "log", job.id).stdout.splitlines()
    assert [line.partition("  ")[2] for line in lines] == ["hello", "a bell \ufffd"]


def test_a_job_is_cancelled(table: JobStore, parley: Callable[..., Any]) -> None:
    job = queue(table)

    assert parley("jobs", "cancel", job.id).stdout == "cancelled\n"

    found = table.get(job.id)
    assert found is not None
    assert found.state is JobState.CANCELLED


@pytest.mark.parametrize("command", ["show", "cancel", "log"])
def test_a_job_that_is_not_there_ends_it_with_a_sentence(
    table: JobStore, parley: Callable[..., Any], command: str
) -> None:
    assert table.page() == []
    done = parley("jobs", command, "x")

    assert (done.returncode, done.stdout, done.stderr) == (2, "", "there is no job 'x'\n")


def test_a_burst_runs_what_there_is_and_ends(table: JobStore, parley: Callable[..., Any]) -> None:
    job = queue(table)  # with nothing that could be learned from

    assert parley("worker", "--burst").returncode == 0

    found = table.get(job.id)
    assert found is not None
    assert (found.state, found.code) == (JobState.FAILED, "unreadable_data")
