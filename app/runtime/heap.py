"""Memory that networks have left behind."""

import ctypes
from collections.abc import Callable


def _release() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # not the C library of GNU, which alone keeps so much
        return None
    return trim


_trim = _release()


def give_back_memory() -> None:
    """
    Give what was freed back to the system.

    glibc keeps it for later, in an area for each few threads: after 40 models had been replaced at random for a while,
    a third of the process was that. It takes milliseconds, so nobody should do it for each model.
    """
    if _trim is not None:
        _trim(0)
