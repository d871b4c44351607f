"""
Send requests over real connections and time the answers.

Without a rate each connection sends its next request when it has its answer (closed loop). With one, requests fall due
at even distances whether or not earlier ones were answered (open loop): none is dropped, one that finds every
connection busy waits its turn, and its latency counts from when it was due.
"""

import asyncio
import math
import selectors
import signal
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from .http_wire import Response, Target
from .load_connection import LoadConnection, reason_of
from .load_tally import Plan, Tally

Check = Callable[[Response], str | None]
"""Says what is wrong with an answer, or None."""

_CHECKED: Final = 50  # one answer in so many is looked at
_TOLD_EVERY_S: Final = 0.1
_RECONNECT_S: Final = 0.05
_CONNECT_S: Final = 1.0  # what an open loop waits for its connections before the first request is due
_SELECTED: Final = 128  # so many connections do well with select, whose timers are exact; epoll's are a ms late


class LoadGenerator:
    """One load test."""

    def __init__(self, target: Target, requests: Sequence[bytes], plan: Plan, check: Check = lambda _: None) -> None:
        """Take whole requests; they are sent in order, and again from the first when there are no more."""
        self.tally = Tally()
        self._target, self._requests, self._plan, self._check = target, requests, plan, check
        self._tls = ssl.create_default_context() if target.tls else None
        self._connections: set[LoadConnection] = set()
        self._idle: list[LoadConnection] = []
        self._waiting: deque[float] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = self._last = 0.0
        self._n_due = 0
        self._all_due = plan.rate is None
        self._stopped = False

    async def run(self, tell: Callable[[float], None] = lambda _: None) -> Tally:
        """Send it all from a running loop; `tell` is told how much is done, from 0 to 1, a few times a second."""
        plan, loop = self._plan, asyncio.get_running_loop()
        self._started = self._last = time.perf_counter()
        for _ in range(plan.connections):
            self._connect(0.0)
        if plan.rate is not None:
            await asyncio.wait(set(self._tasks), timeout=_CONNECT_S)
            self._started = self._last = time.perf_counter()
            loop.call_soon(self._fall_due)
        while self._goes_on() or any(connection.busy for connection in self._connections):
            await asyncio.sleep(_TOLD_EVERY_S if plan.seconds is None else min(_TOLD_EVERY_S, plan.seconds / 10))
            self._give_up_on_the_slow()
            tell(self._done())
        self._stopped = True
        self.tally.unsent = len(self._waiting)
        self.tally.seconds = self._last - self._started
        await self._leave()
        return self.tally

    def run_alone(self, tell: Callable[[float], None] = lambda _: None) -> Tally:
        """Send it all from a loop of its own; Ctrl-C ends it as `stop` does."""

        def make_loop() -> asyncio.AbstractEventLoop:
            few = self._plan.connections <= _SELECTED
            return asyncio.SelectorEventLoop(selectors.SelectSelector() if few else None)

        async def run() -> Tally:
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.stop)
            return await self.run(tell)

        with asyncio.Runner(loop_factory=make_loop) as runner:
            return runner.run(run())

    def stop(self) -> None:
        """Send no more; `run` ends when what was sent is answered."""
        self._stopped = True

    def ready(self, connection: LoadConnection) -> None:
        """Give a connection that has nothing to do its next request."""
        now = time.perf_counter()
        if self._plan.rate is None:
            if self._may_send(now):
                self._send(connection, now)
        elif self._waiting and not self._is_late(now):
            self._send(connection, self._waiting.popleft())
        else:
            self._idle.append(connection)

    def answered(self, connection: LoadConnection, response: Response, now: float) -> None:
        """Take an answer in."""
        tally = self.tally
        tally.add(response.status, now - connection.due, now - connection.sent)
        self._last = now
        if tally.sent % _CHECKED == 1 or len(tally.latencies[response.status]) == 1:
            tally.checked += 1
            if problem := self._check(response):
                tally.problems[problem] += 1
        if response.stays:
            self.ready(connection)
        else:
            connection.close()

    def failed(self, reason: str) -> None:
        """Count a request that gets no answer."""
        self.tally.failures[reason] += 1
        self._last = time.perf_counter()

    def lost(self, connection: LoadConnection) -> None:
        """Replace a connection that is gone."""
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._goes_on():
            self._connect(0.0 if connection.n_answers else _RECONNECT_S)

    def _send(self, connection: LoadConnection, due: float) -> None:
        request = self._requests[self.tally.sent % len(self._requests)]
        self.tally.sent += 1
        connection.send(request, due)

    def _fall_due(self) -> None:
        """Send what is due, also where this comes late, and come again for the next."""
        plan, now = self._plan, time.perf_counter()
        distance = 1 / (plan.rate or math.inf)
        end = math.inf if plan.seconds is None else self._started + plan.seconds
        while (due := self._started + self._n_due * distance) <= now and due < end and self._n_due != plan.n_requests:
            self._n_due += 1
            if self._idle:
                self._send(self._idle.pop(), due)
            else:
                self._waiting.append(due)
        if self._stopped or due >= end or self._n_due == plan.n_requests:
            self._all_due = True
        else:
            asyncio.get_running_loop().call_later(due - now, self._fall_due)

    async def _leave(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in self._connections:
            connection.close()
        await asyncio.sleep(0)  # a closed connection is gone one turn of the loop later

    def _connect(self, after_s: float) -> None:
        task = asyncio.get_running_loop().create_task(self._connected(after_s))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, after_s: float) -> None:
        target, loop = self._target, asyncio.get_running_loop()
        await asyncio.sleep(after_s)
        while self._goes_on():
            try:
                _, made = await loop.create_connection(
                    lambda: LoadConnection(self), target.host, target.port, ssl=self._tls
                )
            except OSError as error:  # a request that cannot even be sent is one without an answer
                if self._waiting or self._plan.rate is None:
                    self.failed(f"no connection: {reason_of(error)}")
                    self.tally.sent += 1
                if self._waiting:
                    self._waiting.popleft()
                await asyncio.sleep(_RECONNECT_S)
            else:
                self._connections.add(made)
                self.ready(made)
                return

    def _give_up_on_the_slow(self) -> None:
        now = time.perf_counter()
        for connection in list(self._connections):
            if connection.busy and now - connection.sent > self._plan.timeout_s:
                connection.give_up(f"no answer within {self._plan.timeout_s:g} s")

    def _is_over(self, now: float) -> bool:
        return self._stopped or (self._plan.seconds is not None and now - self._started >= self._plan.seconds)

    def _is_late(self, now: float) -> bool:
        """Say whether what was due and could not be sent is given up."""
        seconds = self._plan.seconds
        return self._stopped or (seconds is not None and now - self._started >= seconds + self._plan.timeout_s)

    def _may_send(self, now: float) -> bool:
        n_requests = self._plan.n_requests
        return not self._is_over(now) and (n_requests is None or self.tally.sent < n_requests)

    def _goes_on(self) -> bool:
        now = time.perf_counter()
        return self._may_send(now) or ((bool(self._waiting) or not self._all_due) and not self._is_late(now))

    def _done(self) -> float:
        if self._plan.n_requests is not None:
            return (self.tally.answered + self.tally.failures.total()) / self._plan.n_requests
        return min(1.0, (time.perf_counter() - self._started) / (self._plan.seconds or math.inf))
