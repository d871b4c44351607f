"""
What happens to a job, as server-sent events.

The events `log` carry the numbers of their lines as ids, so that a client that comes back goes on where it was.
"""

import time
from typing import Final

import msgspec

from ...domain.job import ENDED
from ...service.jobs import Jobs
from ..operation import Part
from .job_reply import JobItem, JobReply, LineItem, job_item

EVENT_STREAM: Final = "text/event-stream"
_ALIVE: Final = b": still here\n\n"
_SAYS_SO_EVERY_S: Final = 15.0
_LINES_AT_ONCE: Final = 200


class JobEvents:
    """Gives what is new about a job each time it is asked."""

    def __init__(self, jobs: Jobs, job_id: str, after_line: int) -> None:
        """Begin with the line after the one that is known."""
        self._jobs, self._job_id, self._after = jobs, job_id, after_line
        self._told: JobItem | None = None
        self._said_at = time.monotonic()

    def next(self) -> Part:
        """Give the events since the last time; a proxy between hears something now and then."""
        job = self._jobs.get(self._job_id)  # before the lines: one that has ended gets no more
        lines = self._jobs.lines(self._job_id, self._after, _LINES_AT_ONCE)
        events = [_event("log", LineItem(line.number, line.time, line.line), line.number) for line in lines]
        self._after = lines[-1].number if lines else self._after
        item = job_item(job)
        is_last = job.state in ENDED and len(lines) < _LINES_AT_ONCE
        if is_last or item != self._told:
            events.append(_event("end" if is_last else "progress", JobReply(item)))
            self._told = item
        now = time.monotonic()
        if not events and now - self._said_at >= _SAYS_SO_EVERY_S:
            events.append(_ALIVE)
        if events:
            self._said_at = now
        return Part(b"".join(events), is_last)


def _event(name: str, content: msgspec.Struct, number: int | None = None) -> bytes:
    of_line = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (of_line, name.encode(), msgspec.json.encode(content))
