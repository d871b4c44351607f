"""The folder in which the workers count what they answer, and the supervisor what became of workers."""

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..service.restarts_file import write_restarts

_log = logging.getLogger(__name__)

_DEFAULT: Final = "/tmp"  # noqa: S108 - compared with, not written to
_MEMORY: Final = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
_ROOM: Final = 256 << 20


class MetricsFolder:
    """Made anew for each start: counts begin at nothing when a server does."""

    def __init__(self) -> None:
        """Make it."""
        self.path = Path(tempfile.mkdtemp(prefix="parley-metrics-", dir=_place()))

    def forget(self, pid: int) -> None:
        """Take away what a worker that has ended said of its present state; what it counted stays."""
        for file in self.path.glob(f"gauge_live*_{pid}.db"):
            with suppress(OSError):
                file.unlink()

    def tell_restarts(self, restarts: Mapping[str, int]) -> None:
        """Leave word of workers that were replaced, by reason."""
        try:
            write_restarts(self.path, restarts)
        except OSError as error:  # a full disk is no reason to stop serving
            _log.warning("restarts cannot be told: %s", error)

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.path, ignore_errors=True)


def _place() -> str:
    """
    Give where to count: in memory, unless somebody has chosen another folder for what is temporary.

    To count is to write to memory that is a file. Where that file is on a disk, the system holds whoever writes to it,
    and the interpreter with him, while it puts the journal of the request log on the same disk.
    """
    chosen = tempfile.gettempdir()
    with suppress(OSError):
        if chosen == _DEFAULT and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
            return _MEMORY
    return chosen
