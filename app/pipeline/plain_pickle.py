"""
Pickles of plain values: dictionaries, lists, tuples, texts, numbers, bytes. Nothing else is written, or read.

A pickle is a program. This one is looked through before it is run: it may make plain values and remember them, and no
step of it may import, call, or ask for more memory than its own length.
"""

import io
import pickle
from typing import Any, Final, NoReturn

from ..domain.damage_errors import UnreadableFileError, UnsafePickleError

_PROTOCOL: Final = 4  # the first that frames; later ones add nothing for plain values

_REMEMBERS: Final = ord("r")  # at a place of its choice, up to which a list of places is made
_IMPORTS_BY_STACK: Final = 0x93
_IMPORTS_BY_LINES: Final = frozenset(b"ci")
# How many bytes follow each step that is plain: a number of them, or a length that stands in so many bytes.
_FIXED: Final = {
    **dict.fromkeys(b"(.N])}aesut0\x85\x86\x87\x88\x89\x8f\x90\x91\x94", 0),
    **dict.fromkeys(b"Khq\x80", 1), **dict.fromkeys(b"M", 2), **dict.fromkeys(b"Jj", 4), **dict.fromkeys(b"G\x95", 8),
    _REMEMBERS: 4,
}  # fmt: skip
_MEASURED: Final = {**dict.fromkeys(b"CU\x8a\x8c", 1), **dict.fromkeys(b"BTX\x8b", 4), **dict.fromkeys(b"\x8d\x8e", 8)}
_STEPS: Final = [_FIXED.get(step, -1) + 1 for step in range(256)]


def plain_pickle(value: Any) -> bytes:  # noqa: ANN401 - a pickle holds what it holds
    """Write plain values; the same ones give the same bytes."""
    return pickle.dumps(value, protocol=_PROTOCOL)


def read_plain_pickle(path: str, data: bytes) -> Any:  # noqa: ANN401 - as above
    """
    Read plain values; `path` names the file in errors.

    Raises:
        UnsafePickleError: it would import or call something.
        UnreadableFileError: it does what no pickle of plain values does, or is damaged.
    """
    _look_through(path, data)
    return _loaded(path, data)


def _loaded(path: str, data: bytes) -> Any:  # noqa: ANN401 - as above
    try:
        return _PlainUnpickler(path, data).load()
    except (pickle.UnpicklingError, ValueError, LookupError, TypeError, AttributeError, EOFError, OverflowError):
        raise UnreadableFileError(path, "it is no pickle, or damaged") from None


def _look_through(path: str, data: bytes) -> None:
    """Go from step to step, as the unpickler would."""
    at, end, steps = 0, len(data), _STEPS
    while at < end:
        step = data[at]
        if width := steps[step]:
            if step == _REMEMBERS and int.from_bytes(data[at + 1 : at + 5], "little") > end:
                raise UnreadableFileError(path, "it remembers more than it holds")
            at += width
        elif step in _MEASURED:
            begins = at + 1 + _MEASURED[step]
            at = begins + int.from_bytes(data[at + 1 : begins], "little")
            if at > end:  # the unpickler would ask for that much memory before it looks
                raise UnreadableFileError(path, "it says that it holds more than it does")
        else:
            _refuse(path, data, at)


def _refuse(path: str, data: bytes, at: int) -> NoReturn:
    """Say what a step that is not plain would do."""
    if data[at] in _IMPORTS_BY_LINES:
        names = [line.decode("ascii", "replace") for line in data[at + 1 : at + 200].split(b"\n")[:2]]
        raise UnsafePickleError(path, ".".join(names))
    if data[at] == _IMPORTS_BY_STACK:
        _loaded(path, data)  # gets no further than here, and knows the name
    raise UnreadableFileError(path, f"step 0x{data[at]:02x} at {at} is none of a pickle of plain values")


class _PlainUnpickler(pickle.Unpickler):
    """Refuses whatever it would import, and names it."""

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._path = path

    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnsafePickleError(self._path, f"{module}.{name}")
