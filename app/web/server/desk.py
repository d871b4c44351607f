"""
Where requests are answered, whoever has received them: on the event loop in turns, or in threads.

A small request to a brief operation is answered on the loop, for to hand it to a thread and back costs as much as to
answer it. All others are worked on by threads, so that none delays another. What is not there yet, and what comes piece
by piece, is asked for now and then: no thread waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

from ...domain.errors import ParleyError
from ...domain.load_errors import DeadlineExceededError, OverloadedError, SlowRequestError
from ...domain.patience import MustWaitError
from ..answering import Answering
from ..operation import Operation
from ..reply import Reply
from ..request import Request
from .later import Later, StreamingAsker
from .turns import Turns
from .work import Work

_log = logging.getLogger(__name__)

_SMALL: Final = 2_048  # bytes of a body that is answered on the loop


class Asker(Protocol):
    """Who waits for a reply."""

    def reply(self, reply: Reply) -> None: ...  # noqa: D102
    def wait(self) -> None: ...  # noqa: D102 - the reply comes later
    def close(self) -> None: ...  # noqa: D102 - there will be none


class Desk:
    """Answers; all methods are called on the event loop."""

    def __init__(self, answering: Answering, turns: Turns, work: Work) -> None:
        self._answering, self._turns, self._work = answering, turns, work
        self._later = Later(work)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin_to_leave(self) -> None:
        """Let nobody wait for what is not there yet."""
        self._later.is_leaving = True

    def take(self, asker: Asker, operation: Operation, request: Request) -> None:
        """Let a request be answered, now or when it is its turn."""
        if operation.urgent or self._turns.is_free():
            self._answer(asker, operation, request)
            return
        asker.wait()
        refuse = partial(self._refuse, asker, operation, request)
        if self._turns.is_overloaded():
            self._turns.wait_to_refuse(refuse)
        else:
            self._turns.wait(partial(self._answer, asker, operation, request), refuse)

    def take_page(self, asker: Asker, make: Callable[[], Reply]) -> None:
        """Let a page be made."""
        asker.wait()
        self._begin(self._work_on(asker, make, self._answering.refusal))

    def refuse(self, asker: Asker, operation: Operation, request: Request, error: ParleyError) -> None:
        """Answer a request by an error."""
        asker.reply(self._answering.refuse(operation, request, error))

    def slow(self, seconds: float) -> Reply:
        """Make what a client is told that lets us wait for the rest of its request."""
        return self._answering.refusal(SlowRequestError(seconds))

    def full(self) -> Reply:
        """Make what a client is told for whose connection there is no room."""
        return self._answering.refusal(OverloadedError())

    @property
    def max_body_bytes(self) -> int:
        """Longer ones are refused."""
        return self._answering.max_body_bytes

    @property
    def max_upload_bytes(self) -> int:
        """Longer ones, of those put on disk, are refused."""
        return self._answering.max_upload_bytes

    def _answer(self, asker: Asker, operation: Operation, request: Request) -> None:
        if operation.brief and len(request.body or b"") <= _SMALL:
            with suppress(MustWaitError):
                asker.reply(self._answering.answer(operation, request, may_wait=False))
                return
        asker.wait()
        make = partial(self._answering.answer, operation, request)
        refuse = partial(self._answering.refuse, operation, request)
        self._begin(self._work_on(asker, make, refuse))

    def _refuse(self, asker: Asker, operation: Operation, request: Request) -> None:
        self.refuse(asker, operation, request, OverloadedError())

    async def _work_on(self, asker: Asker, make: Callable[[], Reply], refuse: Callable[[ParleyError], Reply]) -> None:
        try:
            reply = await self._work.make(make)
            if reply.later is not None:
                reply = await self._later.wait_for(reply.later)
            if reply.stream is not None and isinstance(asker, StreamingAsker):
                await self._later.send(asker, reply, reply.stream)
                return
        except (OverloadedError, DeadlineExceededError) as error:
            reply = refuse(error)
        except Exception:  # noqa: BLE001 - one request must not end the loop
            _log.exception("a request could not be answered")
            asker.close()  # the client must not wait for what will not come
            return
        asker.reply(reply)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)
