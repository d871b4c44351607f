"""
A request and its reply, as the request log keeps them.

Tuples, since one is made for every request. Times are UTC. `id` is a time id (time_ids.py).
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class LoggedInput(NamedTuple):
    """One input of a request: its intent or why there is none, and its text where texts are kept."""

    intent: str | None
    confidence: float | None
    fallback: str | None = None
    text: str | None = None


class AnsweredInputs(NamedTuple):
    """What a version of a model answered to the inputs of one request."""

    model: str
    version: int
    inputs: tuple[LoggedInput, ...]


class LoggedRequest(NamedTuple):
    """One request: `endpoint` is the route's template, `seconds` the time until the reply was made."""

    request_id: str
    time: datetime
    caller: str | None
    method: str
    endpoint: str
    status: int
    seconds: float
    model: str | None = None
    version: int | None = None
    inputs: tuple[LoggedInput, ...] = ()


class LogEntry(NamedTuple):
    """A request with its place in the log."""

    id: UUID
    request: LoggedRequest


class LogFilter(NamedTuple):
    """Which requests are asked for; what is None does not matter. An intent is that of any input."""

    model: str | None = None
    intent: str | None = None
    fallbacks_only: bool = False
    since: datetime | None = None
