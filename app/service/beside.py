"""
A thread for what may hang: who has it done waits for a while, and then leaves it to itself.

No thread can be ended. One that hangs is left behind, and another takes its place.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeAlias, TypeVar

from ..domain.load_errors import DeadlineExceededError

T = TypeVar("T")
_Errand: TypeAlias = tuple[Callable[[], T], "SimpleQueue[tuple[T | None, Exception | None]]"]


class Beside(Generic[T]):
    """Has things done one after the other; used by one thread."""

    def __init__(self, within_s: float, name: str) -> None:
        """Wait for so many seconds at the most; the thread begins with the first errand."""
        self._within_s, self._name = within_s, name
        self._errands: SimpleQueue[_Errand[T] | None] | None = None
        self._left_behind: list[threading.Thread] = []
        self._thread: threading.Thread | None = None

    @property
    def n_left_behind(self) -> int:
        """How many threads hang now."""
        return sum(thread.is_alive() for thread in self._left_behind)

    def call(self, do: Callable[[], T]) -> T:
        """
        Have something done, and give what it gives.

        Raises:
            DeadlineExceededError: it took too long, and may still be under way.
            What it raises.
        """
        if self._errands is None:
            self._errands = SimpleQueue()
            self._thread = threading.Thread(target=_run, args=(self._errands,), name=self._name, daemon=True)
            self._thread.start()
        done: SimpleQueue[Any] = SimpleQueue()
        self._errands.put((do, done))
        try:
            given, error = done.get(timeout=self._within_s)
        except Empty:
            self._leave_behind()
            raise DeadlineExceededError(self._within_s) from None
        if error is not None:
            raise error
        return given  # type: ignore[no-any-return]

    def _leave_behind(self) -> None:
        assert self._errands is not None  # noqa: S101 - something was to be done
        assert self._thread is not None  # noqa: S101
        self._errands.put(None)
        self._left_behind = [thread for thread in [*self._left_behind, self._thread] if thread.is_alive()]
        self._errands = self._thread = None


def _run(errands: "SimpleQueue[_Errand[Any] | None]") -> None:
    while (errand := errands.get()) is not None:
        do, done = errand
        try:
            done.put((do(), None))
        except Exception as error:  # noqa: BLE001 - it is told to who waits
            done.put((None, error))
