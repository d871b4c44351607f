"""The job table, as runners and trainers need it; see storage/job_store.py."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from ..domain.job import Claim, ClaimedJob, Ending, Job, JobProgress, Pulse


class RunnersTable(Protocol):
    """What a runner asks and writes; each method may raise StorageUnavailableError."""

    def prepare(self) -> bool: ...  # noqa: D102
    def get(self, job: UUID) -> Job | None: ...  # noqa: D102
    def claim(self, runner: str) -> ClaimedJob | None: ...  # noqa: D102
    def heartbeat(self, claim: Claim) -> Pulse: ...  # noqa: D102
    def progress(self, claim: Claim, progress: JobProgress) -> bool: ...  # noqa: D102
    def append_lines(self, claim: Claim, lines: Sequence[str]) -> bool: ...  # noqa: D102
    def note(self, job: UUID, line: str) -> None: ...  # noqa: D102
    def end(self, claim: Claim, ending: Ending) -> bool: ...  # noqa: D102
    def release(  # noqa: D102
        self, claim: Claim, problem: str | None = None, code: str | None = None, *, counts: bool
    ) -> bool: ...
    def forget_expired(self) -> int: ...  # noqa: D102
    def take_up_stale(self, older_than: timedelta, *, max_attempts: int) -> list[Job]: ...  # noqa: D102


class TrainersTable(Protocol):
    """What a trainer asks; it writes nothing. Each method may raise StorageUnavailableError."""

    def get(self, job: UUID) -> Job | None: ...  # noqa: D102
    def snapshot(self, job: UUID) -> bytes | None: ...  # noqa: D102
    def holds(self, claim: Claim) -> bool: ...  # noqa: D102
