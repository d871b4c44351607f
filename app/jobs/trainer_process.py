"""
A trainer as its runner sees it: a process of its own, in a session of its own, at low priority.

It dies with its runner: it reads its standard input, which ends when the runner does.
"""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..domain.job import Claim
from .events import Event, EventReader
from .session_memory import resident_mb

_NICE: Final = 10
_THREADS_OF: Final = (
    "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS",
)  # fmt: skip
_DIES_WITHIN_S: Final = 5.0


class TrainerProcess:
    """Runs one attempt at one job."""

    def __init__(self, command: Sequence[str], folder: Path, briefing: bytes, claim: Claim, n_threads: int) -> None:
        """
        Start it.

        Args:
            command: what to run; the job, the claim and the descriptor for events are added.
            folder: where to run it.
            briefing: a line that it finds in its standard input.
            claim: the job, and the right to run it.
            n_threads: that it may compute with.

        Raises:
            OSError: the system has no room for it.
        """
        self.began_at = time.monotonic()
        theirs_to_read, theirs_to_write = os.pipe()
        arguments = [str(claim.job), "--claim", str(claim.number), "--events", str(theirs_to_write)]
        inherited = os.environ  # noqa: TID251 - handed on, not read
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, *arguments],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,  # libraries talk, and an exception may quote what people typed
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs_to_write,),
                start_new_session=True,
                env={**inherited, **dict.fromkeys(_THREADS_OF, str(n_threads))},
            )
        except OSError:
            os.close(theirs_to_read)
            raise
        finally:
            os.close(theirs_to_write)
        self.events = EventReader(theirs_to_read)
        with suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PGRP, self._process.pid, _NICE)
        with suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101 - of PIPE
            self._process.stdin.write(briefing)
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """Its process, and that of its session."""
        return self._process.pid

    def read(self) -> list[Event]:
        """Give what it told since."""
        return self.events.read()

    def memory_mb(self) -> float:
        """Give what it holds in memory, with all processes it started."""
        return resident_mb(self.pid)

    def exit_code(self) -> int | None:
        """Give its exit code, negative for a signal, or None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait for its end, which it has come to or is about to; kill it where it is not."""
        try:
            return self._process.wait(_DIES_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it at once, with all that it started."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it where it runs, and give back what was held for it."""
        self.kill()
        self._process.wait()
        self.events.close()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
