"""
A log file that several processes write, and that any of them may rotate.

Each line is one write to the end of the file, which the system keeps whole. Twice a second a process looks whether the
file at the path is still the one that it has open: if not, whoever moved it, it opens the new one. A file that is too
large is moved aside by whoever gets its lock. The others write to the old one until they look again: nothing is lost.
"""

import fcntl
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_LOOKS_EVERY_S: Final = 0.5
_LOOKS_AFTER_BYTES: Final = 1 << 18
_MODE: Final = 0o640


class LogFile(logging.Handler):
    """Writes lines to a file, and to standard error while that cannot be done. No line ever raises."""

    def __init__(self, path: Path, formatter: logging.Formatter, max_bytes: int = 0, backups: int = 0) -> None:
        """
        Open the file, and make the folder that it is in; that it cannot be done is told, and tried again.

        Args:
            path: of the file; those moved aside are `<path>.1`, the newest, to `<path>.<backups>`.
            formatter: makes lines of records.
            max_bytes: from this on it is moved aside; 0 leaves that to others.
            backups: how many are kept.
        """
        super().__init__()
        self.setFormatter(formatter)
        self._path, self._max_bytes, self._backups = path, max_bytes, backups
        self._fd: int | None = None
        self._identity: tuple[int, int] | None = None
        self._looks_at, self._unseen_bytes = 0.0, 0
        self._is_torn = self._is_away = self._is_stuck = False
        try:
            self._look()
        except OSError as error:
            self._begin_to_miss(error)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            line = self.format(record).encode("utf-8", "backslashreplace") + b"\n"
        except Exception:  # noqa: BLE001 - arguments that do not fit their message; logging tells where
            self.handleError(record)
            return
        try:
            if time.monotonic() >= self._looks_at or self._unseen_bytes >= _LOOKS_AFTER_BYTES:
                self._look()
            self._write(line)
        except OSError as error:
            self._begin_to_miss(error)
            _to_standard_error(line)
        else:
            self._end_to_miss()

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        self._let_go()
        self.release()
        super().close()

    def _write(self, line: bytes) -> None:
        if self._fd is None:
            raise FileNotFoundError(f"{self._path} is not open")
        left = line = b"\n" + line if self._is_torn else line
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError:
            self._is_torn |= len(left) < len(line)  # what comes next begins a line of its own
            raise
        self._is_torn = False
        self._unseen_bytes += len(line)

    def _look(self) -> None:
        """Open the file where it is not the one at the path, and move it aside where it is too large."""
        self._looks_at, self._unseen_bytes = time.monotonic() + _LOOKS_EVERY_S, 0
        if self._fd is None or not self._is_at_its_path():
            self._open()
        elif self._max_bytes and os.fstat(self._fd).st_size >= self._max_bytes:
            self._rotate(self._fd)

    def _open(self) -> None:
        self._let_go()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        opened = os.fstat(self._fd)
        self._identity = (opened.st_dev, opened.st_ino)

    def _let_go(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _rotate(self, fd: int) -> None:
        """Move the file aside, unless somebody else does or has done so."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            if self._is_at_its_path():
                self._move_aside()
        except OSError as error:
            fcntl.flock(fd, fcntl.LOCK_UN)
            if not self._is_stuck:
                self._is_stuck = True
                self._tell(f"cannot be moved aside, and goes on growing: {error.strerror}")
        else:
            self._is_stuck = False
            self._open()  # which lets go of the old one, and of its lock

    def _is_at_its_path(self) -> bool:
        """Tell whether nobody moved the open file; whoever did may not have opened the next one yet."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == self._identity

    def _move_aside(self) -> None:
        if not self._backups:
            self._path.unlink()
            return
        for number in range(self._backups - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._moved(number).replace(self._moved(number + 1))
        self._path.replace(self._moved(1))

    def _moved(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _begin_to_miss(self, error: OSError) -> None:
        if not self._is_away:
            self._is_away = True
            self._tell(f"cannot be written: {error.strerror or error}; lines go to standard error meanwhile")

    def _end_to_miss(self) -> None:
        if self._is_away:
            self._is_away = False
            self._tell("is written again")

    def _tell(self, what: str) -> None:
        record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, f"{self._path} {what}", (), None)
        _to_standard_error(self.format(record).encode("utf-8", "backslashreplace") + b"\n")


def _to_standard_error(line: bytes) -> None:
    with suppress(OSError, ValueError):  # nobody is there to be told
        sys.stderr.write(line.decode())
        sys.stderr.flush()
