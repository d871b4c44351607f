"""How many cores there are to use, which in a container is fewer than the machine has."""

import math
import os
from pathlib import Path


def n_usable_cores(root: Path = Path("/")) -> int:
    """Count the cores that this process may run on, within the quota of its control group (version 2), 1 or more."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota(root))))


def _quota(root: Path) -> float:
    """Give the smallest quota, in cores, of the process's group and of those around it."""
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return math.inf
    own = next((line.removeprefix("0::/") for line in groups if line.startswith("0::/")), "")
    folder = root / "sys/fs/cgroup"
    return min(_quota_of(folder / part) for part in (Path(own), *Path(own).parents))


def _quota_of(group: Path) -> float:
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError):  # no quota is set, and the file says `max`, or there is no such file
        return math.inf
