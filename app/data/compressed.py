"""Unpack what was compressed, and never more of it than text can be."""

import zlib
from typing import Final

_GZIP: Final = zlib.MAX_WBITS | 16
_AT_MOST: Final = 1 << 29
_TIMES: Final = 200  # what is typed shrinks to a third or a tenth; what shrinks a thousandfold is meant to grow
_ALWAYS: Final = 1 << 20


def gunzipped(data: bytes) -> bytes:
    """
    Unpack one gzip file.

    Raises:
        ValueError: it is none, it is cut off, something follows it, or it unpacks to far more than text does.
    """
    at_most = min(_AT_MOST, _ALWAYS + _TIMES * len(data))
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(data, at_most)
    except zlib.error:
        raise ValueError("it is not gzip, or damaged") from None
    if unpacking.unconsumed_tail:
        raise ValueError(f"it unpacks to more than {at_most:,} bytes")
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("it is cut off, or something follows it")
    return unpacked
