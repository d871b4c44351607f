"""
Processes beside those that answer: runners of trainings. What becomes of them touches no worker.

One reads its settings in its first line, and ends when its standard input does: it does not outlive its supervisor.
"""

import asyncio
import logging
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ..settings import Settings
from .backoff import Backoff
from .crew import LEAVES_WITHIN_S

_log = logging.getLogger(__name__)

_PROGRAM: Final = f"{__package__.rpartition('.')[0]}.cli.jobs"  # `python -m app` would import what every command needs
_COMMAND: Final = (sys.executable, "-m", _PROGRAM, "worker", "--attached")
_FOLDER: Final = Path(__file__).resolve().parents[2]
_NO_ROOM_S: Final = 1.0


class SideProcesses:
    """Keeps as many running as the settings say, until they are dismissed."""

    def __init__(
        self, settings: Settings, backoff: Callable[[], Backoff] = Backoff, command: Sequence[str] = _COMMAND
    ) -> None:
        """Start nobody yet; `backoff` makes what says how long a place stays empty."""
        self._settings, self._command = _told(settings), command
        self._backoffs: defaultdict[int, Backoff] = defaultdict(backoff)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._began_at: dict[int, float] = {}
        self._is_leaving: set[int] = set()
        self._is_dismissed = False
        self.all_gone = asyncio.Event()

    def fill(self) -> None:
        """Start whom there is room for, and let those go for whom there is none."""
        for place in range(max(self._settings.job_workers, *self._running, 0) + 1):
            if place >= self._settings.job_workers:
                self._let_go(place, LEAVES_WITHIN_S)
            else:
                self._start(place)

    def follow(self, settings: Settings) -> None:
        """Go by other settings: whoever goes by the old ones gives its job back, and another takes its place."""
        if _told(settings) == self._settings:
            return
        self._settings = _told(settings)
        for place in list(self._running):
            self._let_go(place, LEAVES_WITHIN_S)
        self.fill()

    def dismiss(self, within_s: float) -> None:
        """Have all end, and replace nobody any more."""
        self._is_dismissed = True
        for place in list(self._running):
            self._let_go(place, within_s)
        self._look_who_is_left()

    def reap(self) -> None:
        """See who has ended, and have others follow."""
        for place, process in list(self._running.items()):
            code = process.poll()
            if code is not None:
                del self._running[place]
                self._close(process)
                self._follow(place, code)

    def _start(self, place: int) -> None:
        if self._is_dismissed or place in self._running or place >= self._settings.job_workers:
            return
        try:
            process = subprocess.Popen(self._command, cwd=_FOLDER, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - our own program
        except OSError as error:
            delay_s = max(_NO_ROOM_S, self._backoffs[place].after(0))
            _log.error("runner %d cannot be started, next try in %.1f s: %s", place, delay_s, error)
            asyncio.get_running_loop().call_later(delay_s, self._start, place)
            return
        self._running[place], self._began_at[place] = process, time.monotonic()
        with suppress(OSError):
            assert process.stdin is not None  # noqa: S101 - of PIPE
            process.stdin.write(msgspec.json.encode(self._settings, enc_hook=str) + b"\n")
            process.stdin.flush()

    def _let_go(self, place: int, within_s: float) -> None:
        process = self._running.get(place)
        if process is None:
            return
        self._is_leaving.add(place)
        process.terminate()

        def kill() -> None:
            if process.poll() is None:
                _log.error("runner %d (pid %d) killed: not gone after %.1f s", place, process.pid, within_s)
                process.kill()

        asyncio.get_running_loop().call_later(within_s, kill)

    def _follow(self, place: int, code: int) -> None:
        if self._is_dismissed:
            self._look_who_is_left()
            return
        delay_s = 0.0
        if place not in self._is_leaving:
            lived_s = time.monotonic() - self._began_at[place]
            delay_s = self._backoffs[place].after(lived_s)
            _log.error("runner %d died after %.1f s, exit code %d; replaced in %.1f s", place, lived_s, code, delay_s)
        self._is_leaving.discard(place)
        asyncio.get_running_loop().call_later(delay_s, self._start, place)

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()

    def _look_who_is_left(self) -> None:
        if not self._running:
            self.all_gone.set()


def _told(settings: Settings) -> Settings:
    """Leave out what a runner has no use for."""
    return msgspec.structs.replace(settings, admin_password=None)
