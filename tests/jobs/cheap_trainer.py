"""
A trainer that learns nothing, for tests of what surrounds one: told what to do by the configuration in its order.

Its registry is a folder in which a file stands for each version; a lock keeps publishers apart, as in the real one.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from filelock import FileLock

from app.domain.job import Claim, Job, JobOutcome, JobProgress
from app.domain.training_errors import NonFiniteLossError
from app.jobs.events import EventWriter
from app.jobs.trainer import Activated, JobContext, run_job
from tests.job_stores import open_job_store


class CheapSteps:
    """Takes `seconds`, or `first_s` at the first attempt, and does what `does` says."""

    def __init__(self, registry: Path) -> None:
        self.registry = registry

    def published(self, job: Job) -> JobOutcome | None:
        found = [path for path in self.registry.glob("version-*") if path.read_text() == str(job.id)]
        return JobOutcome(int(found[0].name.partition("-")[2])) if found else None

    def train(self, context: JobContext) -> JobOutcome:
        config = context.job.training.config
        (self.registry / "attempts").mkdir(exist_ok=True)
        (self.registry / "attempts" / f"{context.job.id}-{os.getpid()}").touch()
        self._do(config, context.job)
        seconds = config.get("seconds", 0)
        until = time.monotonic() + (config.get("first_s", seconds) if context.job.attempts == 1 else seconds)
        while time.monotonic() < until:
            context.on_progress(JobProgress("training", 1, 2, loss=0.5, eta_s=1.0))
            time.sleep(0.05)
        with FileLock(self.registry / "lock"):
            if (before := self.published(context.job)) is not None:
                return before
            context.allowed()
            version = 1 + len(list(self.registry.glob("version-*")))
            staged = self.registry / f"staged-{os.getpid()}"
            staged.write_text(str(context.job.id))
            staged.rename(self.registry / f"version-{version}")
        return JobOutcome(version, metrics={"test": {"accuracy": 1.0}})

    def _do(self, config: Any, job: Job) -> None:
        match config.get("does"):
            case "be killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "be killed once" if job.attempts == 1:
                os.kill(os.getpid(), signal.SIGSEGV)
            case "end without a word":
                os._exit(3)
            case "take memory":
                bytearray(300 << 20)
                self.held = b"x" * (300 << 20)
                time.sleep(600)
            case "fill the disk":
                with Path("/dev/full").open("wb", buffering=0) as full:
                    full.write(b"x")
            case "have no loss":
                raise NonFiniteLossError(job.order.model, 3)
            case "stumble over a text":
                raise KeyError("what somebody typed")

    def activate(self, job: Job, _: JobOutcome) -> Activated:
        time.sleep(job.training.config.get("activates_s", 0))
        if job.training.config.get("does") == "be worse":
            return Activated(is_active=False, regressions=("greeting is worse",))
        return Activated(is_active=True, notes=("it answers",))


def main(job: str, claim: str, fd: str) -> None:
    database, registry = sys.stdin.readline().rstrip("\n").split("\t")
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(9)), daemon=True).start()
    store = open_job_store(database)
    run_job(Claim(UUID(job), int(claim)), store, CheapSteps(Path(registry)), EventWriter(int(fd)).tell)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3], sys.argv[5])
