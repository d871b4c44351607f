"""Clients that let a server wait, and how long it does."""

from collections.abc import Iterable
from enum import Enum
from math import inf
from typing import NamedTuple, Protocol


class Phase(Enum):
    """What a connection waits for."""

    REQUEST = "the next request"
    HEAD = "the rest of a head"
    BODY = "more of a body"
    ANSWER = "our answer"
    CLIENT = "its client to read"


class Patience(NamedTuple):
    """How long is waited, in seconds; an answer may take its own time."""

    head_s: float
    """Until a head is whole."""
    body_s: float
    """Until something more of a body has come, or something of a reply was read."""
    idle_s: float
    """Until there is another request."""

    def limit_s(self, phase: Phase) -> float:
        """Give it by phase."""
        limits = {Phase.REQUEST: self.idle_s, Phase.HEAD: self.head_s, Phase.ANSWER: inf}
        return limits.get(phase, self.body_s)


class Client(Protocol):
    """Whoever is waited for."""

    @property
    def phase(self) -> Phase: ...  # noqa: D102
    @property
    def since(self) -> float: ...  # noqa: D102 - by the event loop's clock
    def end_slow(self, seconds: float) -> None: ...  # noqa: D102 - tell it, where it can be told, and close
    def close(self) -> None: ...  # noqa: D102


def end_slow_ones(clients: Iterable[Client], patience: Patience, now: float) -> None:
    """Give up those that were waited for long enough."""
    for client in list(clients):
        phase = client.phase
        limit_s = patience.limit_s(phase)
        if now - client.since > limit_s:
            if phase in {Phase.HEAD, Phase.BODY}:
                client.end_slow(limit_s)
            else:
                client.close()


def longest_idle(clients: Iterable[Client]) -> Client | None:
    """Give the one that has had nothing to ask for longest."""
    idle = [client for client in clients if client.phase is Phase.REQUEST]
    return min(idle, key=lambda client: client.since, default=None)
