"""Notice workers that live and do nothing."""

import asyncio
import time
from typing import Final

from .crew import Crew
from .worker_process import Patience

_AT_LEAST_EVERY_S: Final = 1.0
_LOOKS: Final = 4
"""In the time that a worker may be silent."""


async def watch(crew: Crew) -> None:
    """Look at all workers again and again, and kill those with a fault; their end is noticed as any other."""
    while True:
        patience = Patience(crew.briefing.settings.start_limit_s, crew.briefing.settings.heartbeat_limit_s)
        interval_s = min(_AT_LEAST_EVERY_S, patience.heartbeat_s / _LOOKS)
        due = time.monotonic() + interval_s
        await asyncio.sleep(interval_s)
        late_s = time.monotonic() - due
        for worker in crew.workers:
            if late_s > interval_s:  # who was itself asleep cannot say that others were
                worker.forgive(late_s)
            fault = worker.fault(patience, time.monotonic())
            if fault is not None:
                worker.kill(fault)
