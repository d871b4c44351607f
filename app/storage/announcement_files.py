"""
What each worker of a machine serves, in two files for each: one to read, one whose lock says that the worker lives.

The lock is the system's and ends with the process, by SIGKILL too. Files of the dead are swept by whoever reads.
"""

import fcntl
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ..domain.served import Served

_LIFE: Final = ".life"
_SAID: Final = ".json"
_NEW: Final = "new-"

_decoder = msgspec.json.Decoder(dict[str, Served])


class AnnouncementFiles:
    """Says what this process serves, and reads what all say; nothing is made before something is said."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that only servers of one registry share."""
        self._folder = folder
        self._worker = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._life: int | None = None

    def announce(self, served: Mapping[str, Served]) -> None:
        """
        Say what this process serves, by model, in place of what it said before.

        Raises:
            OSError: the folder cannot be written.
        """
        if self._life is None:
            self._life = self._begin()
        new = self._folder / f"{_NEW}{self._worker}{_SAID}"
        new.write_bytes(msgspec.json.encode(served))
        new.replace(self._folder / f"{self._worker}{_SAID}")

    def withdraw(self) -> None:
        """Say that this process serves no more."""
        if self._life is not None:
            self._sweep(self._worker)
            os.close(self._life)
            self._life = None

    def of_the_living(self) -> dict[str, dict[str, Served]]:
        """
        Give what each worker that lives serves, by `pid` of the worker.

        Raises:
            OSError: the folder cannot be read.
        """
        said = {}
        with suppress(FileNotFoundError):
            for name in os.listdir(self._folder):  # noqa: PTH208 - a name each is enough
                worker, dot, kind = name.partition(".")
                if dot + kind != _LIFE or worker.startswith(_NEW):
                    continue
                if not self._lives(worker):
                    self._sweep(worker)
                    continue
                with suppress(FileNotFoundError, msgspec.DecodeError):  # it has begun, and said nothing yet
                    said[f"pid {worker.partition('-')[0]}"] = _decoder.decode(
                        (self._folder / f"{worker}{_SAID}").read_bytes()
                    )
        return said

    def _begin(self) -> int:
        """Give a file that is locked before anybody can see it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.of_the_living()  # sweeps, where nobody else ever reads
        new = self._folder / f"{_NEW}{self._worker}{_LIFE}"
        life = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(life, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.replace(self._folder / f"{self._worker}{_LIFE}")
        except OSError:
            os.close(life)
            raise
        return life

    def _lives(self, worker: str) -> bool:
        if worker == self._worker:
            return True
        try:
            life = os.open(self._folder / f"{worker}{_LIFE}", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(life, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(life)
        return False

    def _sweep(self, worker: str) -> None:
        for kind in (_SAID, _LIFE):
            (self._folder / f"{worker}{kind}").unlink(missing_ok=True)
