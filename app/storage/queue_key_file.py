"""The key that the queue is sealed with where the operator gave none: in a file that only its owner can read."""

import secrets
import stat
from pathlib import Path
from typing import Final

from filelock import FileLock

from ..domain.operator_keys import LEAST_KEY_BYTES
from ..domain.storage_errors import StorageUnavailableError
from .credential_file import CredentialFile

_OF_OTHERS: Final = 0o077


class QueueKeyFile:
    """A key on disk, made once by whichever process comes first."""

    def __init__(self, path: Path) -> None:
        """Take its place, where there may be none yet."""
        self._path, self._file = path, CredentialFile(path)

    def read_or_make(self) -> bytes:
        """
        Give the key; all processes are given the same.

        Raises:
            StorageUnavailableError: it cannot be read or made, others can read it too, or it is none.
        """
        try:
            key = self._file.read() or self._make()
            mode = self._path.stat().st_mode
        except OSError as error:
            raise self._unusable(error.strerror or type(error).__name__) from None
        if mode & _OF_OTHERS:
            raise self._unusable(f"others may read it (mode {stat.S_IMODE(mode):03o}); chmod 600")
        if len(key) < LEAST_KEY_BYTES:
            raise self._unusable(f"it has fewer than {LEAST_KEY_BYTES} characters; delete it, and one is made")
        return key.encode()

    def _make(self) -> str:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_name(f".{self._path.name}.lock")):
            key = self._file.read()
            if key is None:
                key = secrets.token_hex(LEAST_KEY_BYTES)
                self._file.write(key)
            return key

    def _unusable(self, problem: str) -> StorageUnavailableError:
        return StorageUnavailableError(f"the key of the queue, {self._path},", problem)
