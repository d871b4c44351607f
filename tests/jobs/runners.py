"""Runners whose trainers are cheap, as threads of a test and as processes of their own."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from app.domain.job import ENDED, ClaimedJob
from app.jobs.attempt import Limits
from app.jobs.bell import NoBell
from app.jobs.rq_bell import RqBell
from app.jobs.runner import Runner, new_runner_name
from app.jobs.stop_request import StopRequest
from app.jobs.trainer_process import TrainerProcess
from app.storage.job_store import JobStore
from tests.job_stores import open_job_store
from tests.workers import until

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENT: Final = Limits(time_s=600, memory_mb=2_000, lost_after_s=60)
HASTY: Final = replace(PATIENT, lost_after_s=1.5)
_COMMAND: Final = [sys.executable, "-m", "tests.jobs.cheap_trainer"]


def cheap_start(database: str, registry: Path, n_threads: int = 3) -> Callable[[ClaimedJob], TrainerProcess]:
    briefing = f"{database}\t{registry}\n".encode()
    return lambda claimed: TrainerProcess(_COMMAND, ROOT, briefing, claimed.claim, n_threads)


@dataclass
class RunnerThread:
    """A runner for the length of a `with` block."""

    store: JobStore
    registry: Path
    limits: Limits = PATIENT
    bell: Any = field(default_factory=NoBell)
    database: str = field(kw_only=True)
    stop: StopRequest = field(default_factory=StopRequest)
    thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        start = cheap_start(self.database, self.registry)
        runner = Runner(self.store, self.bell, self.limits, start, "runner")
        self.thread = threading.Thread(target=runner.run, args=[self.stop])
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.make()
        self.thread.join()


def start_runner(database: str, registry: Path, redis_url: str = "") -> subprocess.Popen[bytes]:
    """Start a hasty runner as a process."""
    command = [sys.executable, "-m", "tests.jobs.runners", database, str(registry), redis_url]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)


def ended(store: JobStore, job: UUID) -> Any:
    """Wait until a job has ended, and give it."""
    until(lambda: _has_ended(store, job))
    return store.get(job)


def running(store: JobStore, job: UUID) -> Any:
    """Wait until a job has told of its progress, and give it."""
    until(lambda: (found := store.get(job)) is not None and found.progress is not None)
    return store.get(job)


def published(registry: Path) -> list[str]:
    """Give the jobs of all versions."""
    return sorted(path.read_text() for path in registry.glob("version-*"))


def trainers(registry: Path) -> list[int]:
    """Give the processes that were ever begun to train."""
    return [int(path.name.rpartition("-")[2]) for path in (registry / "attempts").glob("*")]


def _has_ended(store: JobStore, job: UUID) -> bool:
    found = store.get(job)
    return found is not None and found.state in ENDED


def main(database: str, registry: str, redis_url: str) -> None:
    stop = StopRequest()
    signal.signal(signal.SIGTERM, stop.make)
    name = new_runner_name()
    bell = RqBell(redis_url, name) if redis_url else NoBell()
    Runner(open_job_store(database), bell, HASTY, cheap_start(database, Path(registry)), name).run(stop)
    bell.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
