"""Threads for what must not hold up the event loop: so many at once, so many that wait, and none for ever."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ...domain.load_errors import DeadlineExceededError, OverloadedError
from ..answering import Reply

_FOR_EACH_THREAD: Final = 8
"""Requests that wait."""


class Work:
    """Makes replies in threads; called on the event loop."""

    def __init__(self, threads: int, within_s: float) -> None:
        """Begin with nothing to do."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._at_most, self._within_s = threads * (1 + _FOR_EACH_THREAD), within_s
        self._n_begun = 0

    async def make(self, make: Callable[[], Reply]) -> Reply:
        """
        Make a reply.

        Raises:
            OverloadedError: too many wait already; nothing was begun.
            DeadlineExceededError: it took too long. A thread cannot be ended, so its place stays taken until it does.
        """
        if self._n_begun >= self._at_most:
            raise OverloadedError
        self._n_begun += 1
        made = asyncio.get_running_loop().run_in_executor(self._pool, make)
        made.add_done_callback(self._end)
        done, _ = await asyncio.wait({made}, timeout=self._within_s)
        if not done:
            raise DeadlineExceededError(self._within_s)
        return made.result()

    def close(self) -> None:
        """Begin no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _end(self, made: asyncio.Future[Reply]) -> None:
        self._n_begun -= 1
        if not made.cancelled():
            made.exception()  # of one that nobody waits for any more
