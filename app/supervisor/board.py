"""How many connections each worker holds, in memory that all of them see."""

import mmap
import os
import tempfile
from typing import Final

_PLACES: Final = 4096
_BYTES: Final = 4
_NOBODY: Final = (1 << 32) - 1
"""Where no worker takes connections; more than any holds."""


class Board:
    """Places with counts, from 1: a worker writes into its own, the supervisor gives and clears them."""

    def __init__(self, fd: int) -> None:
        """Look at the memory behind a file descriptor."""
        self.fd = fd
        # the first number is that of the last place which was ever given
        self._counts = memoryview(mmap.mmap(fd, _PLACES * _BYTES)).cast("I")

    def give(self, taken: set[int]) -> int:
        """Give the first place that is not taken."""
        place = next(place for place in range(1, _PLACES) if place not in taken)
        self.write(place, None)
        self._counts[0] = max(self._counts[0], place)
        return place

    def write(self, place: int, n_connections: int | None) -> None:
        """Tell how many connections are held at a place; None: no more are taken there."""
        self._counts[place] = _NOBODY if n_connections is None else n_connections

    def fewest_beside(self, place: int) -> int:
        """Give the smallest count of all other places."""
        counts = self._counts[1 : self._counts[0] + 1].tolist()
        counts[place - 1] = _NOBODY
        return min(counts)


def new_board() -> Board:
    """Make a board on which nobody stands yet; it lasts as long as a process that has it."""
    fd = shared_memory()
    os.truncate(fd, _PLACES * _BYTES)
    return Board(fd)


def shared_memory() -> int:
    """Make memory for workers to share, empty at first, and give its file descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("parley-workers")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
