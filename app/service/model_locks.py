"""
Who may load: one thread at a time for each model, and of the requests that wait for it only a few.

Requests for a model that takes long to load would otherwise fill all threads, and keep those for other models out.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..domain.errors import ModelNotReadyError

_STANDS_AT_MOST_S: Final = 0.25


class ModelLocks:
    """A lock for each model, and seats for requests that wait for one."""

    def __init__(self, n_seats: int) -> None:
        """Let so many requests wait for as long as it takes; those beyond give up soon."""
        self._seats = threading.BoundedSemaphore(n_seats)
        self._locks: dict[str, threading.Lock] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait until nobody else is at a model."""
        with self._lock(name):
            yield

    @contextmanager
    def of_a_request(self, name: str) -> Iterator[None]:
        """
        Wait as a request does; who comes first needs no seat.

        Raises:
            ModelNotReadyError: so many wait already that it is better to come back later.
        """
        lock = self._lock(name)
        if not lock.acquire(blocking=False):
            if not self._seats.acquire(timeout=_STANDS_AT_MOST_S):
                raise ModelNotReadyError(name)
            try:
                lock.acquire()
            finally:
                self._seats.release()
        try:
            yield
        finally:
            lock.release()

    def _lock(self, name: str) -> threading.Lock:
        return self._locks.setdefault(name, threading.Lock())
