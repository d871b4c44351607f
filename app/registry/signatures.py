"""
What tells a changed file from the one that was there: inode, time of its last change in nanoseconds, size.

One system call each, and the content is not read. Two changes within a tick of the file system's clock can look like
none; who asks again a moment later sees the last one.
"""

import os
from pathlib import Path
from typing import Final, TypeAlias

Signature: TypeAlias = tuple[int, int, int]

NOTHING: Final[Signature] = (0, 0, 0)
"""Of what is not there."""


def signature(path: Path | str) -> Signature:
    """Give the signature of a file or folder; of a link, its own."""
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return NOTHING
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def changed_ns(found: Signature) -> int:
    """Give when something with this signature changed last, in nanoseconds of its file system's clock."""
    return found[1]


def folder_signature(folder: Path) -> frozenset[tuple[str, Signature]]:
    """Give the signatures of a folder and of the files in it."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - a name each is enough
    except (OSError, ValueError):
        return frozenset()
    return frozenset({("", signature(folder)), *((name, signature(folder / name)) for name in names)})
