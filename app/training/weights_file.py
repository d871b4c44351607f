"""
The file of a network's weights, looked at before Keras is given it.

It is HDF5, a format that can lead elsewhere (links, data in other files) and say that it holds what no memory can. What
Keras saves are plain tables under plain names, and nothing else is let through.
"""

import io
import re
from typing import Final

import h5py

from ..domain.damage_errors import UnreadableFileError

_NAME: Final = re.compile(r"[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)*", re.ASCII)
_ENTRIES_AT_MOST: Final = 10_000
_DEEPEST: Final = 32
_ROOTS: Final = frozenset({"layers", "vars"})
_PLAIN_LAYOUTS: Final = frozenset({h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT})


def check_weights(data: bytes, path: str) -> None:
    """
    Insist on plain tables of numbers that lie in the file itself; `path` names it in errors.

    Raises:
        UnreadableFileError: it holds anything else, or says that it holds more than it can.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            problem = _problem_of(file, len(data))
    except Exception as error:  # noqa: BLE001 - HDF5 stumbles over damage in many ways
        problem = f"it is no HDF5 file of weights ({type(error).__name__})"
    if problem is not None:
        raise UnreadableFileError(path, problem)


def _problem_of(file: h5py.File, n_bytes: int) -> str | None:
    if odd := sorted(file.keys() - _ROOTS) or sorted(file.attrs):
        return f"it holds {odd[0][:60]!r}, which weights alone do not"
    told = n_entries = 0
    waiting: list[tuple[h5py.Group, int]] = [(file, 0)]
    while waiting:
        group, depth = waiting.pop()
        for name in group:
            n_entries += 1
            if n_entries > _ENTRIES_AT_MOST or depth > _DEEPEST:
                return "it holds more groups and tables than a network has"
            if not _NAME.fullmatch(name) or not isinstance(group.get(name, getlink=True), h5py.HardLink):
                return "it holds a link, or a name that no layer has"
            entry = group[name]
            if isinstance(entry, h5py.Group):
                waiting.append((entry, depth + 1))
            elif (problem := _problem_of_table(entry)) is not None:
                return problem
            else:
                told += int(entry.nbytes)
                if told > n_bytes:
                    return f"it says that its tables have {told:,} bytes or more, and has {n_bytes:,}"
    return None


def _problem_of_table(entry: object) -> str | None:
    if not isinstance(entry, h5py.Dataset):
        return "it holds what is neither a group nor a table"
    created = entry.id.get_create_plist()
    if entry.external or entry.is_virtual:
        return "it holds a table whose data lie in another file"
    if entry.dtype.kind not in "fiu" or created.get_layout() not in _PLAIN_LAYOUTS or created.get_nfilters():
        return "it holds a table that is not plain numbers"
    return None
