"""
A body that is put on disk while it comes in.

The file has no name: nobody else can open it, and it is gone with whoever has it open, however that ends.
"""

import asyncio
import errno
import logging
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from ...domain.errors import ParleyError
from ...domain.load_errors import NoRoomError
from ..operation import Upload

_log = logging.getLogger(__name__)

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Spool:
    """One body; all methods are called on the event loop, and none of them waits for the disk."""

    def __init__(self, folder: Path, content_type: str, at_most: int, fault: ParleyError | None = None) -> None:
        """Begin an empty file in a folder; where there is a `fault` from the beginning, nothing is kept."""
        self._content_type, self._at_most = content_type, at_most
        self.n_bytes = 0
        """That have come, kept or not."""
        self.fault = fault
        """What went wrong, where something did; nothing is kept then."""
        self._file: BinaryIO | None = None
        if fault is None:
            self._open(folder)

    @property
    def is_too_large(self) -> bool:
        """Whether more came than is kept."""
        return self.n_bytes > self._at_most

    async def write(self, chunk: bytes) -> None:
        """Put a piece on disk; the next is read off the wire when it is there."""
        self.n_bytes += len(chunk)
        if self.is_too_large or self._file is None:
            return
        try:
            await asyncio.to_thread(self._file.write, chunk)
        except OSError as error:
            self._give_up(error)

    def finished(self) -> Upload | None:
        """Give what was put on disk, from its beginning; None where that is not all."""
        if self.is_too_large or self._file is None:
            return None
        try:
            self._file.seek(0)  # which writes what was not written yet
        except OSError as error:
            self._give_up(error)
            return None
        return Upload(self._file, self._content_type, self.n_bytes)

    def close(self) -> None:
        """Give the disk its room back."""
        if self._file is not None:
            with suppress(OSError):  # what was not written yet cannot be
                self._file.close()

    def _open(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - see close
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if error.errno not in _FULL:
            _log.error("an upload cannot be put on disk: %s", error.strerror)
        self.close()
        self._file, self.fault = None, NoRoomError()
