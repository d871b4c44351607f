"""
Jobs for a server, and runners of jobs.

SQLAlchemy and RQ are imported by whoever first needs them, not by the start of a server. What trains is wired in
job_steps.py, which serving never reaches.
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from ..domain.job import ClaimedJob
from ..jobs.attempt import Limits
from ..jobs.bell import Bell, NoBell
from ..jobs.runner import Runner, new_runner_name
from ..jobs.trainer_process import TrainerProcess
from ..service.audit import AuditLog
from ..service.jobs import Jobs, ring_nothing
from ..settings import Settings, as_path
from .callbacks import wire_callbacks

if TYPE_CHECKING:
    from ..jobs.rq_bell import RqBell
    from ..storage.job_store import JobStore

PACKAGE: Final = __package__.rpartition(".")[0]
"""What `python -m` runs: the name that this package was installed under."""

FOLDER: Final = Path(__file__).resolve().parents[2]
"""Where `python -m` finds the package."""


def wire_jobs(settings: Settings, audit: AuditLog | None = None) -> Jobs:
    """Put together what callers see of jobs; nothing is connected before it is used."""
    return Jobs(
        lambda: open_job_store(settings), max_queued=settings.max_queued_jobs, ring=_wire_ring(settings), audit=audit
    )


def wire_runner(settings: Settings) -> tuple[Runner, Bell]:
    """Put a runner together, and what it is to close in the end; nothing is connected before it runs."""
    name = new_runner_name()
    bell = NoBell() if settings.redis_url is None else _open_bell(settings.redis_url, name)
    limits = Limits(settings.job_time_limit_s, settings.job_memory_mb, settings.job_lost_after_s)
    command = [sys.executable, "-m", PACKAGE, "run-job", "--attached", "--kind"]
    told = briefing(settings)

    def start(claimed: ClaimedJob) -> TrainerProcess:
        of_kind = [*command, claimed.job.order.kind]
        return TrainerProcess(of_kind, FOLDER, told, claimed.claim, settings.job_threads)

    return Runner(open_job_store(settings), bell, limits, start, name, on_end=wire_callbacks(settings).send), bell


def open_job_store(settings: Settings) -> "JobStore":
    """
    Open the table of jobs; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above
    from ..storage.job_store import JobStore  # noqa: PLC0415

    return JobStore(open_engine(settings.database), timedelta(seconds=settings.batch_kept_s))


def briefing(settings: Settings) -> bytes:
    """Write settings as the line that a process of ours is given first, without the password that it has no use for."""
    return msgspec.json.encode(msgspec.structs.replace(settings, admin_password=None), enc_hook=str) + b"\n"


def read_briefing(line: bytes) -> Settings:
    """
    Read what `briefing` wrote.

    Raises:
        EOFError: whoever was to write it is gone.
    """
    if not line.endswith(b"\n"):
        raise EOFError("whoever started this is gone")
    return msgspec.json.decode(line, type=Settings, dec_hook=as_path)


def _wire_ring(settings: Settings) -> Callable[[UUID], None]:
    url = settings.redis_url
    if url is None:
        return ring_nothing
    opened: list[RqBell] = []

    def ring(job: UUID) -> None:
        if not opened:
            opened.append(_open_bell(url))
        opened[0].ring(job)

    return ring


def _open_bell(url: str, name: str | None = None) -> "RqBell":
    from ..jobs.rq_bell import RqBell  # noqa: PLC0415 - see above

    return RqBell(url, name)
