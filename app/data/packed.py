"""Bytes of any length as compressed pieces, and back: no more than a piece is in memory."""

import gzip
import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, cast

from .compressed import gunzipped

PIECE: Final = 1 << 20
"""Bytes of a piece before it is compressed; the last one may have fewer."""

_LEVEL: Final = 6


def pack(piece: bytes) -> bytes:
    """Compress a piece; the same one gives the same bytes."""
    return gzip.compress(piece, _LEVEL, mtime=0)


def unpack(packed: bytes) -> bytes:
    """
    Give a piece back.

    Raises:
        ValueError: it is none.
    """
    return gunzipped(packed)


class Packer:
    """Puts chunks of any length into pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, chunk: bytes) -> list[bytes]:
        """Take a chunk, and give the pieces that are full now."""
        self._held += chunk
        n_full = len(self._held) // PIECE * PIECE
        full = [pack(bytes(self._held[at : at + PIECE])) for at in range(0, n_full, PIECE)]
        del self._held[:n_full]
        return full

    def rest(self) -> list[bytes]:
        """Give what is left as a piece, where anything is."""
        left, self._held = bytes(self._held), bytearray()
        return [pack(left)] if left else []


def unpacked_file(pieces: Iterable[bytes]) -> BinaryIO:
    """Read pieces as the file that was put into them."""
    return cast("BinaryIO", io.BufferedReader(_Unpacked(iter(pieces))))


class _Unpacked(io.RawIOBase):
    """What stands in pieces, one after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as its family has it
        while not self._rest:
            packed = next(self._pieces, None)
            if packed is None:
                return 0
            self._rest = memoryview(unpack(packed))
        n_bytes = min(len(buffer), len(self._rest))
        buffer[:n_bytes] = self._rest[:n_bytes]
        self._rest = self._rest[n_bytes:]
        return n_bytes
