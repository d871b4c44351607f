"""
Files in which workers count together, on a disk that may be full.

prometheus_client maps its files into memory and lets them grow by moving their end. On a full disk nothing says no to
that: the system kills the process that writes where the disk has no block. So blocks are asked for first, and where
there are none the process counts on in its own memory, and what it counts from then on is told to nobody.
"""

import logging
import os
from pathlib import Path
from typing import Any, Final

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

_log = logging.getLogger(__name__)

_FIRST_BYTES: Final = 1 << 16
_BYTES_AROUND: Final = 64
"""Of an entry, beside its key; more than it is."""
_HEAD: Final = 8
"""Bytes before the first entry."""


class ReservedFile(MmapedDict):
    """Counts by key in a file, of which each block is there before anything is written to it."""

    _f: Any
    _m: Any
    _used: int
    _capacity: int

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base has it
        """Open or make it; where the disk has no room, nobody else sees it."""
        try:
            if not read_mode and not Path(filename).exists():
                _make(Path(filename))
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
        except OSError as error:
            _tell(error)
            self._f, self._m = None, bytearray(_FIRST_BYTES)
            self._used, self._capacity, self._positions = _HEAD, _FIRST_BYTES, {}

    def _init_value(self, key: str) -> None:
        """Make room for a key, and put it there."""
        if self._used + len(key.encode()) + _BYTES_AROUND > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self) -> None:
        if self._f is not None:
            try:
                os.posix_fallocate(self._f.fileno(), self._capacity, self._capacity)
            except OSError as error:
                _tell(error)
                self._m = bytearray(self._m)
                self._f.close()
                self._f = None
        if self._f is None:
            self._m.extend(bytes(self._capacity))
            self._capacity *= 2


def reserve_before_counting() -> None:
    """Have the library use such files; before the first of its metrics is made."""
    values.MmapedDict = ReservedFile  # type: ignore[attr-defined]


def _make(file: Path) -> None:
    new = file.with_suffix(".new")  # whoever reads all files does not see one without its head
    try:
        with new.open("wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, _FIRST_BYTES)
        new.replace(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _tell(error: OSError) -> None:
    _log.warning("metrics of this worker are not told from now on: %s", error.strerror)
