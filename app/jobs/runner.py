"""Takes jobs from the table, one after the other, until it is asked to stop."""

import logging
import secrets
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from os import getpid
from typing import Final, TypeAlias

from ..domain.job import ENDED, ClaimedJob, Job
from ..domain.storage_errors import StorageError, StorageUnavailableError
from .attempt import Attempt, Limits
from .bell import Bell
from .stop_request import StopRequest
from .table import RunnersTable
from .trainer_process import TrainerProcess

_log = logging.getLogger(__name__)

_PAUSES_S: Final = 0.5
_AT_MOST_S: Final = 5.0


def new_runner_name() -> str:
    """Make a name that no other runner has, which says where it runs."""
    return f"{socket.gethostname()}-{getpid()}-{secrets.token_hex(3)}"


OnEnd: TypeAlias = Callable[[Job, Callable[[str], object]], object]
"""Is given a job that has ended, and what takes a line for its log; it must not raise."""


def tell_nobody(job: Job, tell: Callable[[str], object]) -> None:
    """Let a job end without telling anybody."""


class Runner:
    """Runs jobs; it survives a database and a Redis that are away, and goes on when they are back."""

    def __init__(  # noqa: PLR0913 - the parts of a runner
        self,
        table: RunnersTable,
        bell: Bell,
        limits: Limits,
        start: Callable[[ClaimedJob], TrainerProcess],
        name: str,
        *,
        on_end: OnEnd = tell_nobody,
    ) -> None:
        """
        Run nothing yet.

        Args:
            table: of jobs.
            bell: what tells that there is something to do.
            limits: of each training.
            start: starts a trainer.
            name: tells this runner from others.
            on_end: is told of each job that has ended here, or was lost once too often.
        """
        self._on_end = on_end
        self._table, self._bell, self._limits, self._start, self._name = table, bell, limits, start, name
        self._looks_for_lost_at = 0.0
        self._is_prepared = False

    def run(self, stop: StopRequest, *, is_burst: bool = False) -> None:
        """Run jobs until it is to stop, or in a burst until there is none to be run now."""
        _log.info("runner %s looks for jobs", self._name)
        pause_s = _PAUSES_S
        while not stop.is_made:
            try:
                claimed = self._next()
            except StorageUnavailableError as error:
                _log.warning("no jobs, next look in %.1f s: %s", pause_s, error)
                self._is_prepared = False  # whoever brings it back may bring it back empty
                stop.wait(pause_s)
                pause_s = min(2 * pause_s, _AT_MOST_S)
                continue
            pause_s = _PAUSES_S
            if claimed is not None:
                _log.info(
                    "job %s of model %s, attempt %d", claimed.job.id, claimed.job.order.model, claimed.job.attempts
                )
                self._attempt(claimed, stop)
            elif is_burst:
                return
            else:
                self._bell.wait(stop)

    def _attempt(self, claimed: ClaimedJob, stop: StopRequest) -> None:
        try:
            Attempt(self._table, claimed, self._limits, stop, self._start).run()
            job = self._table.get(claimed.job.id)
            if job is not None and job.state in ENDED:
                self._on_end(job, partial(self._table.note, job.id))
        except StorageError as error:  # what it came to cannot be written: the job is taken up as lost
            _log.error("job %s: %s", claimed.job.id, error)

    def _next(self) -> ClaimedJob | None:
        if not self._is_prepared:
            self._table.prepare()
            self._is_prepared = True
        now = time.monotonic()
        if now >= self._looks_for_lost_at:
            self._looks_for_lost_at = now + self._limits.lost_after_s / 4
            lost_after = timedelta(seconds=self._limits.lost_after_s)
            for job in self._table.take_up_stale(lost_after, max_attempts=self._limits.max_attempts):
                _log.warning("job %s of model %s: %s; it is %s", job.id, job.order.model, job.problem, job.state)
                if job.state in ENDED:
                    self._on_end(job, partial(self._table.note, job.id))
            if n_forgotten := self._table.forget_expired():
                _log.info("the results of %d jobs were kept for long enough and are deleted", n_forgotten)
        return self._table.claim(self._name)
