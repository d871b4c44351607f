"""
Read and write the files of the registry so that what is read is what was written.

Reading follows no link and compares size and digest of the very bytes it gives back. Writing ends on the disk, not in
a cache.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from ..domain.damage_errors import (
    ChangedFileError,
    LinkedFileError,
    MissingFileError,
    OpenFolderError,
    TruncatedFileError,
    UnreadableFileError,
)

_LARGEST_UNKNOWN: Final = 16 << 20


def sha256(data: bytes) -> str:
    """Give the digest as it stands in manifests."""
    return hashlib.sha256(data).hexdigest()


def read_file(folder: Path, path: str, n_bytes: int | None = None) -> bytes:
    """
    Read `folder/path`; `path` is relative, made of plain names, and names the file in errors.

    A size is looked at before anything is read: that of the file must be `n_bytes`, or, where nothing is known of it,
    what a manifest can have.

    Raises:
        MissingFileError, LinkedFileError, UnreadableFileError: there is no plain file at the end of plain folders.
        TruncatedFileError: it is of another size.
    """
    with _opened(folder, path, n_bytes) as file:
        return file.read()


def read_verified(folder: Path, path: str, n_bytes: int, digest: str) -> bytes:
    """
    Read a file that was recorded with its size and digest.

    Raises:
        TruncatedFileError, ChangedFileError: it is another one; and what `read_file` raises.
    """
    data = read_file(folder, path, n_bytes)
    if len(data) != n_bytes:
        raise TruncatedFileError(path, len(data), n_bytes)
    if sha256(data) != digest:
        raise ChangedFileError(path)
    return data


def check_file(folder: Path, path: str, n_bytes: int, digest: str) -> None:
    """
    Look whether a file is the one that was recorded, without holding it in memory.

    Raises:
        What `read_verified` raises.
    """
    with _opened(folder, path, n_bytes) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise ChangedFileError(path)


@contextmanager
def _opened(folder: Path, path: str, n_bytes: int | None) -> Iterator[BufferedReader]:
    """Open a plain file of the size it should have; what goes wrong while it is open is told as this file's."""
    refuse_links(folder, path)
    try:
        # without waiting: at the other end of a pipe there may be nobody
        handle = os.open(folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise UnreadableFileError(path, "it is not a plain file")
            refuse_open(path, found.st_mode)
            size = found.st_size
            if n_bytes is not None and size != n_bytes:
                raise TruncatedFileError(path, size, n_bytes)
            if n_bytes is None and size > _LARGEST_UNKNOWN:
                raise UnreadableFileError(path, f"it has {size:,} bytes, far more than such a file can have")
            with open(handle, "rb", closefd=False) as file:
                yield file
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise MissingFileError(path) from None
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or "it cannot be read") from None


def refuse_links(folder: Path, path: str) -> None:
    """
    Look at each step of `path` below `folder`, as far as there are any.

    Raises:
        LinkedFileError: a step is a symbolic link.
        OpenFolderError: everybody can write to a step.
        UnreadableFileError: a step cannot be looked at.
    """
    step = folder
    for name in Path(path).parts:
        step /= name
        try:
            mode = step.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:  # a name too long, say
            raise UnreadableFileError(path, error.strerror or "it cannot be looked at") from None
        if stat.S_ISLNK(mode):
            raise LinkedFileError(str(step.relative_to(folder)))
        refuse_open(str(step.relative_to(folder)), mode)


def refuse_open(path: str, mode: int) -> None:
    """
    Look at the mode of a file or folder; whoever can write to it can put another in its place.

    Raises:
        OpenFolderError: everybody can write to it.
    """
    if mode & stat.S_IWOTH:
        raise OpenFolderError(path, stat.S_IMODE(mode))


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, data: bytes) -> None:
    """Put a file in the place of another in one step: readers see the old one or the new one, whole."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    write_durably(new, data)
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
