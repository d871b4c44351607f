"""A process that answers, as its supervisor tells it to."""

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NoReturn, Protocol

from ..bootstrap.serving import wire_serving
from ..bootstrap.tls import wire_tls
from ..logging_setup import set_up_logging
from ..runtime.heap import collect_seldom, give_back_memory, pass_over_what_stays, share_memory_among_threads
from ..settings import Settings
from .application import create_app
from .queue_answers import CLOSES_WITHIN_S, QueueAnswers
from .routes import Routes
from .server.acceptor import Balance
from .server.front import Front, FrontLimits
from .server.turns import NotingSelector
from .server.waiting import Patience
from .wsgi import answering_of, routing_of

_BEATS_EVERY_S: Final = 1.0
_BEATS_IN_LIMIT: Final = 4
_SWITCH_S: Final = 0.001  # a thread that counts or writes holds a request up no longer than that
_FILES: Final = 65_536
_FILES_FOR_THE_REST: Final = 64  # models, database, logs, metrics
_LOG_WITHIN_S: Final = 3.0  # for what waits to be written when a worker ends
_ENDS_WITHIN_S: Final = 5.0  # beyond what requests in flight are given


class Briefing(Protocol):
    """What a worker is told first."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def password_hash(self) -> str: ...  # noqa: D102
    @property
    def is_password_given(self) -> bool: ...  # noqa: D102 - by the settings
    @property
    def sockets(self) -> Sequence[int]: ...  # noqa: D102 - file descriptors to accept connections from
    @property
    def metrics_folder(self) -> Path | None: ...  # noqa: D102
    @property
    def counts(self) -> int: ...  # noqa: D102 - of memory in which all workers count requests


class Link(Balance, Protocol):
    """The way to a supervisor and back."""

    def briefing(self) -> Briefing: ...  # noqa: D102 - waits for it
    def listen(self, worker: "Worker", loop: asyncio.AbstractEventLoop, *, ends_within_s: float) -> None: ...  # noqa: D102 - has the worker's methods called
    def beat(self) -> None: ...  # noqa: D102 - tells that the event loop turns
    def loaded(self) -> None: ...  # noqa: D102 - tells that connections may come


class Worker:
    """Answers requests from `accept` to `stop` or `retire`; its methods are called on the event loop."""

    def __init__(self, briefing: Briefing, link: Link, selector: NotingSelector) -> None:
        """Put the parts together, on the event loop of `selector`; nothing is loaded yet."""
        self._settings, self._link = briefing.settings, link
        self._listeners = [socket.socket(fileno=fd) for fd in briefing.sockets]
        self._serving = wire_serving(
            self._settings,
            briefing.password_hash,
            briefing.metrics_folder,
            counts_fd=briefing.counts,
            is_password_given=briefing.is_password_given,
        )
        self._answering = answering_of(self._settings, self._serving)
        routes = routing_of(self._settings)
        pages = create_app(self._answering, routes, is_secure=self._settings.is_https)
        limits, uploads = _limits(self._settings), self._settings.var_dir / "uploads"
        tls = wire_tls(self._settings)
        self._front = Front(
            self._answering, Routes(routes.operations), pages, limits, selector, uploads=uploads, tls=tls
        )
        self._serving.observation.watch("in_flight", lambda: self._front.in_flight.n_requests)
        self._serving.observation.watch("connections", lambda: self._front.in_flight.n_connections)
        self._leaving, self._hastened = asyncio.Event(), asyncio.Event()
        self._grace_s = 0.0
        self._is_last = False

    def accept(self) -> None:
        """Take connections."""
        if not self._leaving.is_set():
            self._front.accept(self._listeners, self._link)

    def stop(self) -> None:
        """Say that the server stops, take connections for the grace that was set, then finish and end."""
        if not self._leaving.is_set():
            self._answering.services.stopping.set()
            self._grace_s = self._settings.drain_grace_s
            self.retire(last=True)

    def retire(self, *, last: bool = False) -> None:
        """Take no more connections, finish what was begun, and end; the last one also takes those that wait."""
        self._is_last |= last and not self._leaving.is_set()
        self._leaving.set()

    def hasten(self) -> None:
        """End now."""
        self._leaving.set()
        self._hastened.set()

    async def run(self) -> None:
        """Serve until told to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.retire)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # its supervisor's
        self._link.listen(self, loop, ends_within_s=self._settings.drain_s + _ENDS_WITHIN_S)
        beating = loop.create_task(self._beat())
        self._serving.following.start(partial(self._tell_loaded, loop))
        self._serving.observation.start()
        await self._leaving.wait()
        finishing = loop.create_task(self._finish())
        hastened = loop.create_task(self._hastened.wait())
        done, _ = await asyncio.wait({finishing, hastened}, return_when=asyncio.FIRST_COMPLETED)
        await self._front.close()
        for task in {beating, finishing, hastened} - done:
            task.cancel()
        for task in done:
            task.result()

    def close(self) -> None:
        """Close what the use cases hold open, now that nothing is asked any more; logs that write behind end here."""
        if self._serving.activation_watch is not None:
            self._serving.activation_watch.close()
        self._serving.queue_worker.close(CLOSES_WITHIN_S)
        self._serving.observation.close(_LOG_WITHIN_S)
        logging.shutdown()

    async def _finish(self) -> None:
        self._front.begin_to_leave()
        if self._grace_s:
            await asyncio.sleep(self._grace_s)
        await self._front.finish(self._settings.drain_s, take_waiting=self._is_last)

    async def _beat(self) -> None:
        interval_s = min(_BEATS_EVERY_S, self._settings.heartbeat_limit_s / _BEATS_IN_LIMIT)
        while True:
            is_stuck = self._front.is_stuck or self._serving.queue_worker.is_stuck
            if not is_stuck:  # silence is how a supervisor learns that another is needed
                self._link.beat()
            await asyncio.sleep(interval_s)

    def _tell_loaded(self, loop: asyncio.AbstractEventLoop) -> None:
        pass_over_what_stays()
        give_back_memory()
        if self._serving.activation_watch is not None:
            self._serving.activation_watch.start()
        self._serving.queue_worker.start(QueueAnswers(self._answering))
        with suppress(RuntimeError):  # the loop is closed: the worker is about to end
            loop.call_soon_threadsafe(self._link.loaded)


def serve_and_end(link: Link) -> NoReturn:
    """Answer until told to end; no thread is waited for, since what one of them hangs in may never end."""
    share_memory_among_threads()
    collect_seldom()
    briefing = link.briefing()
    set_up_logging(briefing.settings)
    sys.setswitchinterval(_SWITCH_S)
    _allow_many_connections()
    selector = NotingSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        worker = runner.run(_serve(briefing, link, selector))
    worker.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _serve(briefing: Briefing, link: Link, selector: NotingSelector) -> Worker:
    worker = Worker(briefing, link, selector)
    await worker.run()
    return worker


def _allow_many_connections() -> None:
    """Ask for as many file descriptors as the system lets this process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _FILES)), hard))


def _room_for_connections() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, files - _FILES_FOR_THE_REST)


def _limits(settings: Settings) -> FrontLimits:
    return FrontLimits(
        threads=settings.threads,
        max_wait_s=settings.max_wait_s,
        answer_within_s=settings.answer_within_s,
        max_connections=min(settings.max_connections, _room_for_connections()),
        patience=Patience(settings.head_within_s, settings.body_within_s, settings.idle_s),
    )
