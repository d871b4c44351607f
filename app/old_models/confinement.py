"""
What a process may do that reads a stranger's files: compute for a while, and nothing else.

The list of names in `closed_unpickler` keeps code from being run. This is for the case that it has a hole: no secrets
in the environment (its starter sees to that), no other program, no connection, and an end to memory and time.
"""

import resource
import sys
from typing import Final, NoReturn

MEMORY: Final = 6 << 30
_SECONDS: Final = 300
_FILE: Final = 2 << 30
_FORBIDDEN: Final = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "pty.",
    "ctypes.", "webbrowser.", "urllib.", "ftplib.", "smtplib.", "http.",
)  # fmt: skip


def confine() -> None:
    """Begin; there is no way back within this process."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (lowered, lowered))
    sys.addaudithook(_refuse)


def _refuse(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        _forbid(event)


def _forbid(event: str) -> NoReturn:
    raise PermissionError(f"{event} is not for a process that reads a stranger's files")
