"""
Counts of requests, exchanged between machines behind the requests' back.

A thread tells a shared store what was counted here, and learns what was counted elsewhere. It begins when a request was
counted and rests a little after each exchange. While the store is away, each machine counts by itself.

What is told is told once. A store that did not answer may have heard it all the same, and told again it would refuse
callers for requests that they never sent; so it is first asked whether it answers, and nothing is told until it does.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from ..domain.rate_limit import Claim
from .caller_counts import CallerCounts

_log = logging.getLogger(__name__)

_RESTS_S: Final = 0.1
_TRIES_AGAIN_AFTER_S: Final = 1.0
_AT_ONCE: Final = 1_000
_NOTED_AT_MOST: Final = 20_000


class Store(Protocol):
    """Where machines meet."""

    def check(self) -> None:
        """Raise where it does not answer."""
        ...

    def exchange(self, claims: Sequence[Claim]) -> list[Mapping[int, int]]:
        """Add what was claimed, and give for each claim what all have counted, by the number of the bucket."""
        ...


class CountExchange:
    """`note` from any thread; the thread that exchanges begins with the first."""

    def __init__(
        self,
        counts: CallerCounts,
        open_store: Callable[[], Store],
        *,
        tries_again_after_s: float = _TRIES_AGAIN_AFTER_S,
    ) -> None:
        """`open_store` runs in the thread, and again after it failed."""
        self._counts, self._open_store = counts, open_store
        self._tries_again_after_s = tries_again_after_s
        self._noted: set[str] = set()
        self._wanted, self._end = threading.Event(), threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._store: Store | None = None
        self._is_there = False
        self._away_since: float | None = None

    def note(self, who: str) -> None:
        """Let the counts of a caller be exchanged soon."""
        if len(self._noted) < _NOTED_AT_MOST:
            self._noted.add(who)
        if not self._wanted.is_set():
            self._wanted.set()
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """End; what was not told yet is not told."""
        self._end.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rate-limits", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._wanted.wait() and not self._end.is_set():
            self._wanted.clear()
            self._end.wait(_RESTS_S if self._exchange() else self._tries_again_after_s)

    def _exchange(self) -> bool:
        """Exchange what was noted, and say whether the store took it."""
        noted: list[str] = []
        try:
            store = self._ready_store()
            noted = [self._noted.pop() for _ in range(min(len(self._noted), _AT_ONCE))]
            claims = [claim for who in noted for claim in self._counts.claim(who)]
            for claim, total in zip(claims, store.exchange(claims), strict=True):
                self._counts.learn(claim, total)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may succeed
            self._is_there = False
            self._noted.update(noted)
            self._wanted.set()
            self._tell_away(error)
            return False
        if self._noted:
            self._wanted.set()
        return True

    def _ready_store(self) -> Store:
        """Open the store, and ask whether it answers where it is not known to."""
        if self._store is None:
            self._store = self._open_store()
        if not self._is_there:
            self._store.check()
            self._is_there = True
            self._tell_back()
        return self._store

    def _tell_away(self, error: Exception) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            _log.warning("rate limits: %s; each server counts by itself", error)

    def _tell_back(self) -> None:
        if self._away_since is not None:
            seconds = time.monotonic() - self._away_since
            _log.warning("rate limits: counts are shared again after %.0f s", seconds)
            self._away_since = None
