"""The folder in which the workers count what they answer, and the supervisor what became of workers."""

import logging
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..service.restarts_file import write_restarts

_log = logging.getLogger(__name__)


class MetricsFolder:
    """Made anew for each start: counts begin at nothing when a server does."""

    def __init__(self) -> None:
        """Make it."""
        self.path = Path(tempfile.mkdtemp(prefix="parley-metrics-"))

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
