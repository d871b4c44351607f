"""How much memory the processes of a session hold, as Linux tells."""

import os
from pathlib import Path
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_MB: Final = 1 << 20
_SESSION: Final = 3  # of what follows the name in /proc/<pid>/stat
_RESIDENT: Final = 1


def resident_mb(session: int, proc: Path = Path("/proc")) -> float:
    """Sum up what the processes of a session hold in memory; 0 where the system does not tell."""
    pages = 0
    for name in os.listdir(proc) if proc.is_dir() else ():  # noqa: PTH208 - names are enough
        if name.isdecimal():
            try:
                stat = (proc / name / "stat").read_text(errors="replace")
                if int(stat.rpartition(")")[2].split()[_SESSION]) == session:
                    pages += int((proc / name / "statm").read_text().split()[_RESIDENT])
            except (OSError, ValueError, IndexError):  # it has just ended
                continue
    return pages * _PAGE / _MB
