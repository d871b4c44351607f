"""Where threads take memory from, what networks have left behind of it, and what is looked through for garbage."""

import ctypes
import gc
from collections.abc import Callable
from typing import Any, Final

_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2
_YOUNG: Final = 10_000
"""More than wait to be logged, a handful for each request, and few enough to be looked through in milliseconds."""
_ROUNDS: Final = 2
"""Of looks at what is young, before what outlived them is looked at: else that would be 700 models that were loaded."""


def _of_c(name: str) -> Callable[..., Any] | None:
    try:
        found: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):  # not the C library of GNU, which alone keeps so much
        return None
    return found


_trim, _set = _of_c("malloc_trim"), _of_c("mallopt")


def share_memory_among_threads() -> None:
    """
    Have all threads of this process take their memory from the same few areas, from now on.

    glibc would give nearly each thread its own, and what one has freed is of no use to the others. To be called before
    threads are started.
    """
    if _set is not None:
        _set(_M_ARENA_MAX, _ARENAS)


def collect_seldom() -> None:
    """
    Look for garbage once there is more by `_YOUNG` things than at the last look, not by 700.

    What requests leave is freed at once, and does not count. What waits a second to be counted and logged does, and is
    no garbage: with 1,500 requests a second it was looked through twenty times a second, together with all else up to a
    tenth of a second long, while nobody was answered.
    """
    gc.set_threshold(_YOUNG, _ROUNDS)


def pass_over_what_stays() -> None:
    """
    Collect garbage once more, and pass over from then on what is left.

    To look through what every server holds takes 14 ms, again and again. What is passed over is freed all the same when
    nothing refers to it, as a version that is let go; what then refers to itself stays. So it is for the start, before
    there are connections: closed ones refer to themselves.
    """
    gc.collect()
    gc.freeze()


def give_back_memory() -> None:
    """
    Give what was freed back to the system.

    glibc keeps it for later, in an area for each few threads: after 40 models had been replaced at random for a while,
    a third of the process was that. It takes milliseconds, so nobody should do it for each model.
    """
    if _trim is not None:
        _trim(0)
