"""
What a watch has seen, in a file that one process at a time may write: whoever comes after it goes on where it ended.

The lock is the system's, and ends with the process, by SIGKILL too.
"""

from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from .live_figures import LiveFigures

_NAME: Final = "watch.json"
_LOCK: Final = "watch.lock"


class Watched(msgspec.Struct, frozen=True):
    """What the active version of a model is compared with."""

    ends_at: float
    """By the clock that all processes of a machine share."""
    before: LiveFigures
    """Of the version that it replaced, until then."""
    at_first: LiveFigures
    """Its own when it was activated: somebody may have asked it by its number."""


class Seen(msgspec.Struct, frozen=True):
    """The aliases of a model when they were last looked at."""

    active: int
    previous: int | None
    watched: Watched | None = None


class WatchNotes:
    """Notes of the processes that share a folder; without one, of this process alone."""

    def __init__(self, folder: Path | None) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._lock = FileLock(folder / _LOCK) if folder is not None else None
        self._has_turn = False
        self._kept: dict[str, Seen] = {}
        self.seen: dict[str, Seen] = {}
        """By model; to be changed by whoever has the turn."""

    def take_turn(self) -> bool:
        """
        Say whether it is this process that watches: from the first time on, until it ends. One thread, always the same.

        Raises:
            OSError: the folder cannot be used.
        """
        if self._lock is None or self._folder is None or self._has_turn:
            return True
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        self._kept = _read(self._folder / _NAME)
        self.seen = dict(self._kept)
        self._has_turn = True
        return True

    def keep(self) -> None:
        """
        Write down what has changed.

        Raises:
            OSError: there is no room for it; it is tried again by the next call.
        """
        if self.seen == self._kept:
            return
        if self._folder is not None:
            new = self._folder / f"{_NAME}.new"
            new.write_bytes(msgspec.json.encode(self.seen))
            new.replace(self._folder / _NAME)
        self._kept = dict(self.seen)


def _read(file: Path) -> dict[str, Seen]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Seen])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
