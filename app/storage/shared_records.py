"""
Small records in memory that several processes see.

A record is found by its tag on a shelf. Their number is bounded however many are asked for: a full shelf gives up the
record that would have ended first.

A shelf is locked by the system's file locks, which end with the process that held them. Nobody waits for one without
bound: who gets none within `_WAITS_S` goes on without, and at worst a change is lost.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from typing import Final, Self

_SHELVES: Final = 4096
_ON_A_SHELF: Final = 16
_HEAD: Final = struct.Struct("=QQ")  # tag, 0 for none; the second from which on nothing in the record counts
_WAITS_S: Final = 0.02
_IMPATIENT_FOR_S: Final = 1.0  # after having waited in vain: who holds it may hang
_THEN_WAITS_S: Final = 0.001
_LOOKS_EVERY_S: Final = 0.00005


class SharedRecords:
    """Records of one size; those of a shelf are read and written within `with records.locked(shelf):`."""

    def __init__(self, n_bytes: int, fd: int | None = None) -> None:
        """Look at the memory behind a descriptor, empty at first; without one, at memory of this process alone."""
        self._n_bytes, self._fd = n_bytes, fd
        self._stride = _HEAD.size + n_bytes
        size = _SHELVES * _ON_A_SHELF * self._stride
        if fd is not None and os.fstat(fd).st_size < size:
            os.truncate(fd, size)
        self.memory = mmap.mmap(-1 if fd is None else fd, size)
        self._threads = threading.Lock()  # the system's locks keep processes apart, not threads
        self._locked: int | None = None
        self._impatient_until = 0.0

    def locked(self, shelf: int) -> Self:
        """Keep others from a shelf, until the end of the block that this begins."""
        self._threads.acquire()
        self._locked = None if self._fd is None else self._lock(self._fd, shelf % _SHELVES)
        return self

    @property
    def is_locked(self) -> bool:
        """Whether other processes are kept from the shelf, within the block."""
        return self._locked is not None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let others at the shelf."""
        if self._locked is not None and self._fd is not None:
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, self._locked)
        self._threads.release()

    def find(self, shelf: int, tag: int) -> int | None:
        """Give where in `memory` a record begins."""
        for at in self._places(shelf):
            if _HEAD.unpack_from(self.memory, at)[0] == tag:
                return at + _HEAD.size
        return None

    def make(self, shelf: int, tag: int) -> int:
        """Make a record of zeros, in the place of the one that ends first, and give where it begins."""
        at = min(self._places(shelf), key=lambda place: int(_HEAD.unpack_from(self.memory, place)[1]))
        _HEAD.pack_into(self.memory, at, tag, 0)
        begin = at + _HEAD.size
        self.memory[begin : begin + self._n_bytes] = bytes(self._n_bytes)
        return begin

    def keep_until(self, begin: int, second: int) -> None:
        """Say from when on nothing in a record counts, in seconds since the epoch."""
        at = begin - _HEAD.size
        _HEAD.pack_into(self.memory, at, _HEAD.unpack_from(self.memory, at)[0], second)

    def _lock(self, fd: int, shelf: int) -> int | None:
        """Lock a shelf, and give it; None where it cannot be had."""
        until: float | None = None
        while True:
            try:
                fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, shelf)
            except (BlockingIOError, PermissionError):  # somebody holds it
                now = time.monotonic()
                if until is None:
                    until = now + (_THEN_WAITS_S if now < self._impatient_until else _WAITS_S)
                if now >= until:
                    self._impatient_until = now + _IMPATIENT_FOR_S
                    return None
                time.sleep(_LOOKS_EVERY_S)  # whoever holds it may wait for this very core
            except OSError:
                return None
            else:
                return shelf

    def _places(self, shelf: int) -> range:
        first = shelf % _SHELVES * _ON_A_SHELF * self._stride
        return range(first, first + _ON_A_SHELF * self._stride, self._stride)
