"""
How often anything about identity changed on this machine: eight bytes that all processes have in memory.

Reading costs no system call, so that every request can look whether what is remembered still holds. Where the file
cannot be made, a process counts alone, and learns of changes by others when it looks at the database again.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_NUMBER: Final = struct.Struct("=Q")
_MOST: Final = (1 << 64) - 1


class ChangeCounter:
    """The number of a machine; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Take the file, and make it where there is none."""
        self._path = path
        self._lock = threading.Lock()
        self._own = 0
        self._file: tuple[int, int] | None = None
        self._number: mmap.mmap | bytearray = bytearray(_NUMBER.size)
        self.refresh()

    def read(self) -> int:
        """Give the number: another one than before where anything changed."""
        number: int = _NUMBER.unpack_from(self._number)[0]
        return number + self._own

    def increase(self) -> None:
        """Tell every process that something changed; this one in any case."""
        with self._lock:
            self._refresh()
            self._own += 1
            with suppress(OSError, struct.error):
                descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                    (number,) = _NUMBER.unpack(os.pread(descriptor, _NUMBER.size, 0))
                    os.pwrite(descriptor, _NUMBER.pack((number + 1) & _MOST), 0)
                finally:
                    os.close(descriptor)

    def refresh(self) -> None:
        """Look whether the file is still the one in memory; to be called now and then, where a disk may be asked."""
        with self._lock:
            self._refresh()

    def _refresh(self) -> None:
        with suppress(OSError, ValueError):  # an empty file cannot be had in memory
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except OSError:  # somebody else's, or on a disk that takes nothing
                descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                self._take(descriptor)
            finally:
                os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if found.st_size < _NUMBER.size:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_size < _NUMBER.size:  # nobody else was first
                # by the clock, so that it is no number that a file before it had
                os.pwrite(descriptor, _NUMBER.pack(time.time_ns()), 0)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # memory that is mapped keeps the file open, and the lock with it
        elif (found.st_dev, found.st_ino) == self._file:
            return
        self._number = mmap.mmap(descriptor, _NUMBER.size, access=mmap.ACCESS_READ)
        self._file = (found.st_dev, found.st_ino)
