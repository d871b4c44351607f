"""
Where log lines go and how they look.

Modules log through `logging.getLogger(__name__)` and configure nothing.
"""

import logging
import sys
from pathlib import Path
from typing import Protocol

from .lines import JsonLines, TextLines
from .log_file import LogFile

_MB = 1 << 20


class LogSettings(Protocol):
    """What the operator chose."""

    @property
    def log_level(self) -> str: ...  # noqa: D102
    @property
    def log_format(self) -> str: ...  # noqa: D102 - text or json
    @property
    def log_file(self) -> Path | None: ...  # noqa: D102
    @property
    def log_file_mb(self) -> int: ...  # noqa: D102 - 0 for any size
    @property
    def log_file_backups(self) -> int: ...  # noqa: D102


def set_up_logging(settings: LogSettings) -> None:
    """Write log lines of the level that was chosen, and above, to standard error or to a file."""
    lines = JsonLines() if settings.log_format == "json" else TextLines()
    handler: logging.Handler
    if settings.log_file is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(lines)
    else:
        handler = LogFile(settings.log_file, lines, settings.log_file_mb * _MB, settings.log_file_backups)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    # Tornado quotes malformed headers, and with them what stands in Authorization
    logging.getLogger("tornado.general").setLevel(logging.WARNING)
    # Alembic tells each of its parts that it loads
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # psycopg tells each time what the request log tells once
    logging.getLogger("psycopg").setLevel(logging.ERROR)
