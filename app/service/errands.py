"""Names of models that are to be looked at: each once however often it was put down, and by one thread at a time."""

import threading
from collections import deque
from collections.abc import Iterable


class Errands:
    """A queue without doubles; what is put down while a thread is at it comes again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._under_way: set[str] = set()
        self._again: set[str] = set()
        self._is_closed = False

    def put(self, names: Iterable[str]) -> None:
        """Put names down."""
        with self._changed:
            for name in names:
                if name in self._under_way:
                    self._again.add(name)
                elif name not in self._waiting:
                    self._waiting.append(name)
            self._changed.notify_all()

    def take(self) -> str | None:
        """Wait for a name and take it, until `done` is said of it; None: there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if self._is_closed:
                return None
            name = self._waiting.popleft()
            self._under_way.add(name)
            return name

    def done(self, name: str) -> None:
        """Say that a name that was taken was seen to."""
        with self._changed:
            self._under_way.discard(name)
            if name in self._again:
                self._again.discard(name)
                self._waiting.append(name)
                self._changed.notify_all()

    def close(self) -> None:
        """Let those go who wait."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
