"""What the supervisor does on signals: it stops, hastens and reloads its crew."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ..domain.errors import ParleyError
from ..settings.new_files import keep_others_out
from .backoff import Backoff
from .briefing import Briefing
from .crew import LEAVES_WITHIN_S, Crew
from .metrics_folder import MetricsFolder
from .side_processes import SideProcesses
from .watch import watch
from .words import Order
from .worker_process import WorkerProcess

_log = logging.getLogger(__name__)

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_HASTENS_WITHIN_S: Final = 2.0
_WENT_WRONG: Final = 1


def hold_signals() -> None:
    """Let signals wait until a supervisor runs."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


class Supervisor:
    """Keeps workers serving, and takes them along when it ends."""

    def __init__(
        self,
        brief: Callable[[], Briefing],
        command: Sequence[str],
        sockets: Sequence[socket.socket],
        *,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        """
        Start nothing yet; from now on others cannot write to what this process and its children make.

        Args:
            brief: reads the settings; called now and by each reload.
            command: what runs a worker.
            sockets: what workers accept connections from; they are this object's from now on.
            backoff: makes what says how long a slot stays empty.

        Raises:
            What `brief` raises.
        """
        keep_others_out()
        self._read, self._sockets = brief, sockets
        first = brief()
        self._metrics = MetricsFolder()
        self.crew = Crew(command, self._with_handles(first), backoff, self._metrics)
        self._sides = SideProcesses(first.settings, backoff)
        self._is_stopping = False
        self._reload_wanted = asyncio.Event()

    async def run(self) -> int:
        """Serve until SIGTERM or SIGINT; give the exit code, which is 0 where all workers ended by themselves."""
        loop = asyncio.get_running_loop()
        handlers = (self.stop, self.stop, self._reload_wanted.set)
        for number, handle in (*zip(_SIGNALS, handlers, strict=True), (signal.SIGCHLD, self._reap)):
            loop.add_signal_handler(number, handle)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self.crew.fill()
        self._sides.fill()
        tasks = [loop.create_task(watch(self.crew)), loop.create_task(self._reload_when_asked())]
        await self.crew.all_gone.wait()
        await self._sides.all_gone.wait()
        for task in tasks:
            task.cancel()
        self._metrics.remove()
        return 0 if self.crew.ended_well else _WENT_WRONG

    def stop(self) -> None:
        """Stop serving; said again, hasten."""
        settings = self.crew.briefing.settings
        if self._is_stopping:
            self.crew.dismiss(Order.HASTEN, _HASTENS_WITHIN_S)
            self._sides.dismiss(_HASTENS_WITHIN_S)
            return
        self._is_stopping = True
        for listening in self._sockets:
            listening.close()
        self.crew.dismiss(Order.STOP, settings.drain_grace_s + settings.drain_s + LEAVES_WITHIN_S)
        self._sides.dismiss(LEAVES_WITHIN_S)

    def _reap(self) -> None:
        self.crew.reap()
        self._sides.reap()

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reload_wanted.wait()
            self._reload_wanted.clear()
            if not self._is_stopping:
                await self._reload()

    async def _reload(self) -> None:
        """Read the settings again and replace every worker, one after the other."""
        try:
            briefing = self._with_handles(self._read())
        except (OSError, ParleyError) as error:
            _log.error("reload refused, all stays as it was: %s", error)
            return
        for slot in range(briefing.settings.workers or self.crew.size):
            for old in [worker for worker in self.crew.staying() if worker.slot == slot]:
                if not await self.crew.replace(old, briefing):
                    self._tell_given_up(old)
                    return
                self.crew.briefing = briefing  # it has shown that workers start with it
        self.crew.briefing = briefing
        self.crew.fill()
        self._sides.follow(briefing.settings)
        _log.info("reloaded: %d workers", self.crew.size)

    def _tell_given_up(self, old: WorkerProcess) -> None:
        if not self._is_stopping:
            _log.error("reload given up: no new worker %d came up, the old one (pid %d) stays", old.slot, old.pid)

    def _with_handles(self, briefing: Briefing) -> Briefing:
        sockets = tuple(listening.fileno() for listening in self._sockets)
        return msgspec.structs.replace(briefing, sockets=sockets, metrics_folder=self._metrics.path)
