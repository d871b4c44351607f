"""
One attempt at a job: a trainer is started, watched, held to its limits, and what came of it is written.

While the database is away the trainer goes on; what it came to is written when the database is back. Whether it may
publish it asks the table itself (trainer.py).
"""

import logging
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ..domain.job import ClaimedJob, Ending, JobOutcome, JobProgress, JobState
from ..domain.storage_errors import StorageUnavailableError
from .events import Event, Failed, Finished, Progressed, Published, Said
from .stop_request import StopRequest
from .table import RunnersTable
from .trainer_process import TrainerProcess

_log = logging.getLogger(__name__)

_LOOKS_EVERY_S: Final = 0.25
_WRITES_EVERY_S: Final = 0.5
_TRIES_AGAIN_S: Final = 0.5
_GIVES_UP_WITHIN_S: Final = 2.0
"""What a runner that has to stop still tries to write for so long; what it does not write is taken up as lost."""
_LINES_AT_ONCE: Final = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a training may take, and how often it is tried."""

    time_s: float
    memory_mb: int
    lost_after_s: float = 20.0
    """A claim that is silent for longer is given to somebody else."""
    max_attempts: int = 2


class Attempt:
    """Runs one claimed job; what it came to is in the table then, unless the claim was lost."""

    def __init__(
        self,
        table: RunnersTable,
        claimed: ClaimedJob,
        limits: Limits,
        stop: StopRequest,
        start: Callable[[ClaimedJob], TrainerProcess],
    ) -> None:
        self._table, self._job, self._claim, self._limits, self._stop = (
            table, claimed.job, claimed.claim, limits, stop,
        )  # fmt: skip
        self._start: Callable[[], TrainerProcess] = lambda: start(claimed)
        self._progress: JobProgress | None = None
        self._lines: list[str] = []
        self._published: JobOutcome | None = None
        self._word: Finished | Failed | None = None
        self._killed: Ending | None = None
        """How it ends because its runner killed the trainer."""
        self._is_lost = self._is_away = False
        self._beats_at = self._writes_at = 0.0

    def run(self) -> None:
        """Run it to its end, or until the runner has to stop."""
        try:
            trainer = self._start()
        except OSError as error:
            self._try_again(f"no trainer could be started: {error.strerror}", "no_trainer")
            return
        with closing(trainer):
            self._watch(trainer)
            code = trainer.wait()
            self._hear(trainer.read())
        if self._is_lost:
            _log.warning("job %s was given to somebody else", self._job.id)
        else:
            self._conclude(code)

    def _watch(self, trainer: TrainerProcess) -> None:
        """Follow the trainer until it has ended or is to end."""
        beat_s = self._limits.lost_after_s / 10
        while not (self._killed or self._is_lost or self._stop.is_made):
            self._hear(trainer.read())
            if trainer.events.has_ended or trainer.exit_code() is not None:
                return
            now = time.monotonic()
            if now >= self._beats_at:
                self._beats_at = now + beat_s
                self._beat()
            if now >= self._writes_at:
                self._writes_at = now + _WRITES_EVERY_S
                self._write()
            self._limit(trainer)
            self._stop.wait(_LOOKS_EVERY_S, [trainer.events])
        trainer.kill()

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Progressed(progress):
                    self._progress = progress
                case Said(line):
                    self._lines.append(line)
                case Published(outcome):
                    self._published = outcome
                case Finished() | Failed():
                    self._word = event

    def _beat(self) -> None:
        pulse = self._asked(lambda: self._table.heartbeat(self._claim))
        if pulse is None:
            return
        self._is_lost = not pulse.holds
        if pulse.is_to_be_cancelled and self._published is None:  # what is published is brought to its end
            self._killed = Ending(JobState.CANCELLED)

    def _write(self) -> None:
        """Write what is new, where the database can be used; what is not written now is later."""
        progress, lines = self._progress, self._lines[:_LINES_AT_ONCE]
        if progress is not None and self._asked(lambda: self._table.progress(self._claim, progress)) is not None:
            self._progress = None
        if lines and self._asked(lambda: self._table.append_lines(self._claim, lines)) is not None:
            del self._lines[: len(lines)]

    def _limit(self, trainer: TrainerProcess) -> None:
        seconds, memory_mb = time.monotonic() - trainer.began_at, trainer.memory_mb()
        if seconds > self._limits.time_s:
            problem = f"it took longer than job_time_limit_s allows: {self._limits.time_s:g} s"
            self._killed = self._failure(problem, "out_of_time")
        elif memory_mb > self._limits.memory_mb:
            problem = f"it took {memory_mb:,.0f} MB of memory; job_memory_mb allows {self._limits.memory_mb:,}"
            self._killed = self._failure(problem, "out_of_memory")

    def _conclude(self, code: int) -> None:
        """Write what came of it; the trainer's own last word counts most."""
        word = self._word
        if isinstance(word, Finished):
            state = JobState.REFUSED if word.is_refused else JobState.SUCCEEDED
            self._end(Ending(state, word.outcome))
        elif self._killed is not None:
            self._end(self._killed)
        elif isinstance(word, Failed) and not word.is_passing:
            self._end(self._failure(word.problem, word.code))
        elif isinstance(word, Failed):
            self._try_again(word.problem, word.code)
        elif self._stop.is_made:
            self._lines.append("its runner stops; it is queued again")
            self._release("its runner had to stop", "runner_stopped", counts=False)
        else:
            self._try_again(*_end_of(code))

    def _try_again(self, problem: str, code: str) -> None:
        """Queue the job again, where it has not been tried that often yet."""
        if self._job.attempts >= self._limits.max_attempts:
            self._end(self._failure(f"{problem}, in attempt {self._job.attempts}", code))
            return
        self._lines.append(f"{problem}; it is tried again")
        self._release(problem, code, counts=True)

    def _failure(self, problem: str, code: str) -> Ending:
        return Ending(JobState.FAILED, self._published, problem, code)

    def _end(self, ending: Ending) -> None:
        told = replace(ending.outcome, notes=(), regressions=()) if ending.outcome else None
        _log.info("job %s of model %s: %s %s", self._job.id, self._job.order.model, ending.state, told or ending.code)
        self._lines.append(str(ending.state) if ending.problem is None else f"{ending.state}: {ending.problem}")
        self._insist(lambda: self._table.end(self._claim, ending))

    def _release(self, problem: str, code: str, *, counts: bool) -> None:
        _log.info("job %s of model %s: queued again: %s", self._job.id, self._job.order.model, problem)
        self._insist(lambda: self._table.release(self._claim, problem, code, counts=counts))

    def _insist(self, write: Callable[[], bool]) -> None:
        """Write the last lines and the end, however long the database is away."""
        until: float | None = None
        while not (self._has_written_lines() and self._asked(write) is not None):
            if not self._stop.is_made:
                self._stop.wait(_TRIES_AGAIN_S)
                continue
            until = until or time.monotonic() + _GIVES_UP_WITHIN_S
            if time.monotonic() >= until:
                return
            time.sleep(_TRIES_AGAIN_S)

    def _has_written_lines(self) -> bool:
        while n_before := len(self._lines):
            self._write()
            if len(self._lines) == n_before:
                return False
        return True

    def _asked(self, ask: Callable[[], T]) -> T | None:
        """Ask the table; None where it cannot be asked now."""
        try:
            answer = ask()
        except StorageUnavailableError as error:
            if not self._is_away:
                _log.warning("job %s goes on without the database: %s", self._job.id, error)
            self._is_away = True
            return None
        self._is_away = False
        return answer


def _end_of(code: int) -> tuple[str, str]:
    """Say how a trainer ended that had no last word."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"the trainer was killed by {name}", "killed"
    return f"the trainer ended without a word, exit code {code}", "crashed"
