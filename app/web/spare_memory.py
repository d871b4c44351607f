"""
Memory that large requests have left with the allocator.

glibc keeps what was freed in the arena of the thread that had it: after batches of a thousand long texts, threads that
do nothing held 200 MB.
"""

import ctypes
from typing import Final

_LIBRARY: Final = ctypes.CDLL(None)


def give_back() -> None:
    """Return to the system what is free, where the C library can; takes milliseconds, in which others may go on."""
    trim = getattr(_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)
