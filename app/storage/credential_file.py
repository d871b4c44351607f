"""The administrator's password, as a hash, in one file that only its owner can read."""

import os
from datetime import UTC, datetime
from pathlib import Path


class CredentialFile:
    """A password hash on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str | None:
        """Give the hash, or None where none was kept yet."""
        try:
            return self.path.read_text(encoding="ascii", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def changed_at(self) -> datetime | None:
        """Say when the hash was kept, or None where none was."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def write(self, password_hash: str) -> None:
        """Keep a hash in the place of any before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(password_hash + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
