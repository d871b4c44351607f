"""The log of a job, which has an end, and the time that jobs go by."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import Connection

from .tables import JOB_LINES

MAX_LINES: Final = 2_000
"""Of a job; the last one says that more were left out."""

_MAX_CHARS: Final = 500
_LEFT_OUT: Final = "what follows is left out: the log is full"


def append_lines(connection: Connection, job: UUID, lines: Sequence[str]) -> None:
    """Add lines, as many as there is room for; long ones are cut."""
    last = connection.scalar(select(func.max(JOB_LINES.c.number)).where(JOB_LINES.c.job == job)) or 0
    kept = [line.replace("\0", "\ufffd")[:_MAX_CHARS] for line in lines[: MAX_LINES - last]]
    if kept and last + len(kept) == MAX_LINES:
        kept[-1] = _LEFT_OUT
    now = database_time(connection)
    rows = [{"job": job, "number": last + at, "time": now, "line": line} for at, line in enumerate(kept, 1)]
    if rows:
        connection.execute(insert(JOB_LINES), rows)


def database_time(connection: Connection) -> datetime:
    """Give the time of the database: clocks of machines differ. A SQLite file is of one machine."""
    if connection.dialect.name == "postgresql":
        time: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return time.astimezone(UTC)
    return datetime.now(UTC)
