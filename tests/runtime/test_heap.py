"""Threads share the areas that memory comes from, and what stays is looked through no more."""

import ctypes
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.runtime.heap import pass_over_what_stays

# Many threads hold memory at once; then the C library tells of its areas.
ASK = """
import ctypes, sys, threading
from app.runtime.heap import give_back_memory, share_memory_among_threads

if sys.argv[1] == "shared":
    share_memory_among_threads()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.fdopen.restype, libc.malloc_info.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p]
libc.fflush.argtypes = [ctypes.c_void_p]
together = threading.Barrier(8)

def work():
    together.wait()
    held = [libc.malloc(10_000) for _ in range(100)]
    together.wait()
    for one in held:
        libc.free(one)

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back_memory()
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.fixture
def areas(python: Callable[..., Any]) -> Callable[[str], int]:
    """Give how many areas there are after threads worked."""
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"):
        pytest.skip("not the C library of GNU, which alone makes an area for each thread")

    def count(mode: str) -> int:
        done = python("-c", ASK, mode)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.count("<heap nr="))

    return count


def test_threads_share_two_areas_where_they_are_told_to(areas: Callable[[str], int]) -> None:
    assert areas("shared") <= 2 < areas("unshared")


class Held:
    """Something that refers to something."""

    def __init__(self, other: "Held | None" = None) -> None:
        self.other = other or self


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_stays_is_passed_over_and_freed_when_nothing_refers_to_it() -> None:
    one = Held(Held(None))
    garbage, last = weakref.ref(Held()), weakref.ref(one)

    pass_over_what_stays()

    assert garbage() is None
    assert gc.get_freeze_count() > 0
    assert not any(found is one for found in gc.get_objects())
    del one
    assert last() is None
