"""The wish that a process ends, made by a signal or a thread, and noticed by whoever waits for something else."""

import os
import select
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol


class Waitable(Protocol):
    """What `select` can wait for."""

    def fileno(self) -> int: ...  # noqa: D102


class StopRequest:
    """Is made once and for all. A handler of signals may make it: it takes no lock."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)

    def fileno(self) -> int:
        """Give what can be read as soon as it is made."""
        return self._read_end

    def make(self, *_: object) -> None:
        """Ask for the end."""
        with suppress(BlockingIOError):
            os.write(self._write_end, b"!")

    @property
    def is_made(self) -> bool:
        """Whether the end was asked for."""
        return bool(select.select([self], [], [], 0)[0])

    def wait(self, seconds: float, others: Sequence[Waitable] = ()) -> None:
        """Wait until it is made or one of the others has something to read, so long at the most."""
        select.select([self, *others], [], [], max(0.0, seconds))
