"""What a load test is to do, and what it came to."""

from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is sent; one of `seconds` and `n_requests` is given, and `rate` (per second) for an open loop."""

    connections: int
    seconds: float | None = None
    n_requests: int | None = None
    rate: float | None = None
    timeout_s: float = 30.0


@dataclass(slots=True)
class Tally:
    """Counts and latencies; seconds throughout."""

    latencies: dict[int, "array[float]"] = field(default_factory=dict)
    """By status, from when the request was due, so that a wait for a free connection counts."""
    on_the_wire: dict[int, "array[float]"] = field(default_factory=dict)
    """By status, from when the request was written."""
    failures: Counter[str] = field(default_factory=Counter)
    """Requests without an answer, by reason."""
    problems: Counter[str] = field(default_factory=Counter)
    """What was wrong with the answers that were looked at."""
    checked: int = 0
    """How many were looked at."""
    sent: int = 0
    unsent: int = 0
    """Requests that were due and found no free connection, not even long after the end."""
    seconds: float = 0.0
    """From the first request to the last answer."""

    @property
    def answered(self) -> int:
        """How many requests got an answer, whatever its status."""
        return sum(map(len, self.latencies.values()))

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds if self.seconds else 0.0

    def count(self, status: int) -> int:
        """Count the answers of a status."""
        return len(self.latencies.get(status, ()))

    def add(self, status: int, latency: float, on_the_wire: float) -> None:
        """Take an answer in."""
        if status not in self.latencies:
            self.latencies[status], self.on_the_wire[status] = array("d"), array("d")
        self.latencies[status].append(latency)
        self.on_the_wire[status].append(on_the_wire)

    def percentiles(self, statuses: Collection[int] | None = None, *, on_the_wire: bool = False) -> dict[float, float]:
        """Give the latencies at `PERCENTILES` of all answers, or of those with a status of these; empty: none."""
        source = self.on_the_wire if on_the_wire else self.latencies
        chosen = [np.asarray(of) for status, of in source.items() if statuses is None or status in statuses]
        if not chosen:
            return {}
        values = np.percentile(np.concatenate(chosen), PERCENTILES)
        return dict(zip(PERCENTILES, map(float, values), strict=True))
