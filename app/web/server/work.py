"""Threads for what must not hold up the event loop: so many at once, so many that wait, and none for ever."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from ...domain.load_errors import DeadlineExceededError, OverloadedError
from ...runtime.heap import give_back_memory

T = TypeVar("T")

_FOR_EACH_THREAD: Final = 8
"""Requests that wait."""


class Work:
    """Makes replies, and whatever else takes a while, in threads; called on the event loop."""

    def __init__(self, threads: int, within_s: float) -> None:
        """Begin with nothing to do."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._threads, self._within_s = threads, within_s
        self._at_most = threads * (1 + _FOR_EACH_THREAD)
        self._n_begun = 0
        self._given_up: set[asyncio.Future[Any]] = set()
        self._is_untidy = False

    @property
    def is_stuck(self) -> bool:
        """Whether every thread may be busy with what was given up long ago; nothing is made any more then."""
        return len(self._given_up) >= self._threads

    async def make(self, make: Callable[[], T]) -> T:
        """
        Make it.

        Raises:
            OverloadedError: too many wait already; nothing was begun.
            DeadlineExceededError: it took too long. What has not begun never will; a thread cannot be ended, so the
                place of what has stays taken until it ends by itself.
        """
        if self._n_begun >= self._at_most:
            raise OverloadedError
        self._n_begun += 1
        submitted = self._pool.submit(make)
        made = asyncio.wrap_future(submitted)
        made.add_done_callback(self._end)
        done, _ = await asyncio.wait({made}, timeout=self._within_s)
        if not done:
            if not submitted.cancel():
                self._given_up.add(made)
            raise DeadlineExceededError(self._within_s)
        return made.result()

    def tidy(self) -> None:
        """Give memory back that was needed for what was made, now and then, where nothing is being made."""
        if self._is_untidy and not self._n_begun:
            self._is_untidy = False
            self._pool.submit(give_back_memory)

    def close(self) -> None:
        """Begin no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _end(self, made: asyncio.Future[Any]) -> None:
        self._n_begun -= 1
        self._is_untidy = True
        self._given_up.discard(made)
        if not made.cancelled():
            made.exception()  # of one that nobody waits for any more
