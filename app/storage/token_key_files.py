"""The keys that tokens are signed with, each in a file of its own that only its owner can read, and never changed."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock

from ..domain.oauth_errors import UnusableTokenKeyError

_SUFFIX: Final = ".pem"
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,80}", re.ASCII)
_BYTES_AT_MOST: Final = 16_384
_OF_OTHERS: Final = 0o007


class TokenKeyFiles:
    """A folder of keys."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which may not be there yet."""
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """Name the keys in the order of their names."""
        try:
            found = [path.stem for path in self._folder.iterdir() if path.suffix == _SUFFIX]
        except FileNotFoundError:
            return ()
        return tuple(sorted(name for name in found if _NAME.fullmatch(name)))

    def read(self, name: str) -> bytes:
        """
        Give a key.

        Raises:
            UnusableTokenKeyError: it cannot be read, or others can read it too.
        """
        try:
            with os.fdopen(os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                if os.fstat(file.fileno()).st_mode & _OF_OTHERS:
                    raise UnusableTokenKeyError(name, "everybody on this machine may read its file; chmod 600")
                return file.read(_BYTES_AT_MOST)
        except OSError as error:
            raise UnusableTokenKeyError(name, f"it cannot be read: {error.strerror}") from None

    def add(self, name: str, pem: bytes) -> None:
        """Keep a key: it is there whole, or not at all."""
        self._make_folder()
        new = self._path(name).with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self._path(name))

    def remove(self, name: str) -> None:
        """Forget a key."""
        with suppress(FileNotFoundError):
            self._path(name).unlink()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from making keys meanwhile."""
        self._make_folder()
        with FileLock(self._folder / ".lock"):
            yield

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
