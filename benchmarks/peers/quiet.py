"""Whether anything else computes on the cores that are measured on: figures of a busy machine mean nothing."""

import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

_STAT: Final = Path("/proc/stat")
_LOOKED_S: Final = 1.0
_IDLE: Final = (3, 4)  # of a core's counters: idle, and idle while something is read or written
QUIET: Final = 0.1
"""Of a core's time; up to this, others may have it."""


def busy(cores: Collection[int]) -> float:
    """Give the share of the busiest of the cores that is taken now, by whatever runs; takes a second."""
    before = _counters()
    time.sleep(_LOOKED_S)
    after = _counters()
    shares = []
    for core in cores:
        spent = [new - old for new, old in zip(after[core], before[core], strict=True)]
        shares.append(1 - sum(spent[index] for index in _IDLE) / (sum(spent) or 1))
    return max(shares)


def warning(before: float, after: float) -> str | None:
    """Say what is wrong with a run by how busy the cores were before it and after it."""
    if max(before, after) <= QUIET:
        return None
    return (
        f"other processes took up to {before:.0%} of a core before this run and {after:.0%} after it: "
        "neither figures nor ratios are to be trusted; run it again on a quiet machine"
    )


def _counters() -> dict[int, list[int]]:
    lines = [line.split() for line in _STAT.read_text(encoding="ascii").splitlines() if line.startswith("cpu")]
    return {int(name.removeprefix("cpu")): [int(value) for value in values[:8]] for name, *values in lines[1:]}
