"""
The workers there are, and who follows whom.

Each worker fills a slot. A slot whose worker died gets another, after a while where deaths follow each other soon.
"""

import asyncio
import logging
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from .backoff import Backoff
from .board import new_board, shared_memory
from .briefing import Briefing
from .cores import n_usable_cores
from .metrics_folder import MetricsFolder
from .words import Order
from .worker_process import WorkerProcess

_log = logging.getLogger(__name__)

LEAVES_WITHIN_S: Final = 5.0
"""What a worker is given to end, beyond what requests in flight are."""
_ENDED_WELL: Final = {0, -signal.SIGTERM, -signal.SIGINT}
_NO_ROOM_S: Final = 1.0


class Crew:
    """Keeps every slot filled, until it is dismissed."""

    def __init__(
        self, command: Sequence[str], briefing: Briefing, backoff: Callable[[], Backoff], metrics: MetricsFolder
    ) -> None:
        """Start nobody yet; `backoff` makes what says how long a slot stays empty."""
        self._command, self._board, self._metrics = command, new_board(), metrics
        self._counts = shared_memory()
        self._backoffs: defaultdict[int, Backoff] = defaultdict(backoff)
        self.briefing = briefing
        """For whoever is started from now on."""
        self.workers: list[WorkerProcess] = []
        self.restarts: Counter[str] = Counter()
        """Workers that were replaced, by reason: `died`, `hung`, `slow to start`, `reload`."""
        self.all_gone = asyncio.Event()
        self.ended_well = True
        self._was_ready = self._dismissed = False

    @property
    def size(self) -> int:
        """How many slots there are."""
        return self.briefing.settings.workers or n_usable_cores()

    def fill(self) -> None:
        """Start whom there is room for, and let those go for whom there is none."""
        for worker in self.staying():
            if worker.slot >= self.size:
                self._let_go(worker)
        for slot in range(self.size):
            self._fill(slot)

    def staying(self) -> list[WorkerProcess]:
        """Give those that were not told to leave."""
        return [worker for worker in self.workers if not worker.is_leaving]

    async def replace(self, old: WorkerProcess, briefing: Briefing) -> bool:
        """Start another worker, let the old one go only when that one can answer, and say whether it could."""
        try:
            new = self._start(old.slot, briefing)
        except OSError as error:
            _log.error("worker %d cannot be started: %s", old.slot, error)
            return False
        await new.decided.wait()
        if not new.is_loaded:
            return False
        self._count_restart("reload")
        _log.info("worker %d (pid %d) replaced by pid %d: reload", old.slot, old.pid, new.pid)
        self._let_go(old)
        await old.gone.wait()
        return True

    def dismiss(self, order: Order, within_s: float) -> None:
        """Tell all to end, and replace nobody any more."""
        self._dismissed = True
        for worker in self.workers:
            worker.tell(order)
            self._kill_after(within_s, worker)
        self._look_who_is_left()

    def reap(self) -> None:
        """See who has ended."""
        for worker in list(self.workers):
            code = worker.exit_code()
            if code is not None:
                self.workers.remove(worker)
                worker.release()
                self._metrics.forget(worker.pid)
                self._board.write(worker.briefing.place, None)
                self._follow(worker, code)

    def _start(self, slot: int, briefing: Briefing) -> WorkerProcess:
        place = self._board.give({worker.briefing.place for worker in self.workers})
        told = msgspec.structs.replace(briefing, board=self._board.fd, counts=self._counts, place=place)
        worker = WorkerProcess(slot, self._command, told, self._admit)
        self.workers.append(worker)
        return worker

    def _fill(self, slot: int) -> None:
        """Start a worker where a slot has none that stays."""
        if self._dismissed or slot >= self.size or any(worker.slot == slot for worker in self.staying()):
            return
        try:
            self._start(slot, self.briefing)
        except OSError as error:
            delay_s = max(_NO_ROOM_S, self._backoffs[slot].after(0))
            _log.error("worker %d cannot be started, next try in %.1f s: %s", slot, delay_s, error)
            asyncio.get_running_loop().call_later(delay_s, self._fill, slot)
        self._admit()

    def _admit(self, _: WorkerProcess | None = None) -> None:
        """
        Let those accept connections that can answer.

        Until one could for the first time, one accepts and says that its models are loading; the others follow when it
        is ready, so that a server once ready does not seem to waver.
        """
        if not self._was_ready and self.staying():
            accepting = [worker for worker in self.staying() if worker.is_accepting]
            first = accepting[0] if accepting else max(self.staying(), key=lambda worker: worker.is_loaded)
            if not first.is_accepting:
                first.tell(Order.ACCEPT)
            self._was_ready = first.is_loaded
        if self._was_ready:
            for worker in self.staying():
                if worker.is_loaded and not worker.is_accepting:
                    worker.tell(Order.ACCEPT)

    def _let_go(self, worker: WorkerProcess) -> None:
        worker.tell(Order.RETIRE)
        self._kill_after(worker.briefing.settings.drain_s + LEAVES_WITHIN_S, worker)

    def _kill_after(self, seconds: float, worker: WorkerProcess) -> None:
        def kill() -> None:
            if not worker.gone.is_set():
                _log.error("worker %d (pid %d) killed: not gone after %.1f s", worker.slot, worker.pid, seconds)
                worker.kill("overstayed")

        asyncio.get_running_loop().call_later(seconds, kill)

    def _follow(self, gone: WorkerProcess, code: int) -> None:
        """Draw the consequences of a worker's end."""
        if self._dismissed:
            self.ended_well &= code in _ENDED_WELL
            self._look_who_is_left()
        elif not gone.is_leaving:
            self._mourn(gone, code)
            self._admit()

    def _mourn(self, gone: WorkerProcess, code: int) -> None:
        lived_s = time.monotonic() - gone.began_at
        reason = gone.killed_because or "died"
        what = f"worker {gone.slot} (pid {gone.pid}) {reason} after {lived_s:.1f} s, exit code {code}"
        if any(worker.slot == gone.slot for worker in self.staying()):
            _log.error("%s; the other one of a reload stays", what)
            return
        self._count_restart(reason)
        delay_s = self._backoffs[gone.slot].after(lived_s)
        _log.error("%s; replaced in %.1f s (restarts: %d)", what, delay_s, self.restarts.total())
        asyncio.get_running_loop().call_later(delay_s, self._fill, gone.slot)

    def _count_restart(self, reason: str) -> None:
        self.restarts[reason] += 1
        self._metrics.tell_restarts(self.restarts)

    def _look_who_is_left(self) -> None:
        if not self.workers:
            self.all_gone.set()
