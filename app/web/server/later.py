"""
Replies that are not there yet, and replies that come piece by piece.

Both are asked for now and then, in a thread that is free at once again. A server that leaves waits for neither: it asks
a last time, and clients of a stream come back to another one.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, Protocol, runtime_checkable

from ...domain.load_errors import DeadlineExceededError, OverloadedError
from ..operation import Part
from ..reply import Reply
from .work import Work

_ASKS_EVERY_S: Final = 0.25
_AT_ONCE: Final = 256
"""Replies that are waited for, and streams."""


@runtime_checkable
class StreamingAsker(Protocol):
    """Who can be answered piece by piece."""

    def begin(self, reply: Reply) -> None: ...  # noqa: D102 - send its head
    async def send(self, content: bytes) -> bool: ...  # noqa: D102 - say whether the client is still there
    def end(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102 - before the end, which the client notices


class Later:
    """Asks until there is nothing more to ask for; all methods are called on the event loop."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._n_waiting = 0
        self.is_leaving = False
        """Whether nothing is waited for any more."""

    async def wait_for(self, later: Callable[[bool], Reply | None]) -> Reply:
        """
        Give a reply once it is there.

        Raises:
            OverloadedError: too many wait already.
            DeadlineExceededError: to ask for it took too long.
        """
        with self._place():
            while True:
                is_last = self.is_leaving
                try:
                    reply = await self._work.make(partial(later, is_last))
                except OverloadedError:
                    reply = None
                    if is_last:
                        raise
                if reply is not None:
                    return reply
                await asyncio.sleep(_ASKS_EVERY_S)

    async def send(self, asker: StreamingAsker, reply: Reply, following: Callable[[], Part]) -> None:
        """
        Send a stream to its end, or until its client leaves or this server does, which waits for a whole to be sent.

        Raises:
            OverloadedError: there are too many already; nothing was sent.
        """
        with self._place():
            asker.begin(reply)
            part = Part(b"", is_last=False)
            while not part.is_last:
                part = await self._next(following, part)
                is_there = not part.content or await asker.send(part.content)
                if not is_there or (self.is_leaving and not part.has_more):
                    break
                if not (part.is_last or (part.has_more and part.content)):
                    await asyncio.sleep(_ASKS_EVERY_S)
            if part.has_more:
                asker.close()
            else:
                asker.end()

    async def _next(self, following: Callable[[], Part], before: Part) -> Part:
        try:
            return await self._work.make(following)
        except OverloadedError:  # it is asked for again
            return Part(b"", is_last=False, has_more=before.has_more)
        except DeadlineExceededError:
            return Part(b"", is_last=True, has_more=before.has_more)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._n_waiting >= _AT_ONCE:
            raise OverloadedError
        self._n_waiting += 1
        try:
            yield
        finally:
            self._n_waiting -= 1
