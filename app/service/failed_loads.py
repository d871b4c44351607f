"""Versions asked for by number that could not be loaded, so that not every request tries again."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

Key = tuple[str, int]

_TOLD_AGAIN_S: Final = 1.0
_TRIED_AGAIN_AFTER_S: Final = 60.0


class _Failure(NamedTuple):
    problem: str
    marks: object
    tried_at: float
    told_until: float


class FailedLoads:
    """Remembers problems, until the files have changed or a while has passed."""

    def __init__(self, marks: Callable[[str, int], object]) -> None:
        """Tell by `marks` (of name and version) whether files have changed."""
        self._marks = marks
        self._failures: dict[Key, _Failure] = {}

    def at_once(self, name: str, version: int) -> str | None:
        """Give the problem of a version without a look at its files, where somebody looked just now."""
        failure = self._failures.get((name, version))
        return failure.problem if failure and time.monotonic() < failure.told_until else None

    def still(self, name: str, version: int) -> str | None:
        """Give the problem of a version whose files are as they were; None: it is worth a try."""
        failure = self._failures.get((name, version))
        if failure is None:
            return None
        now = time.monotonic()
        if now - failure.tried_at > _TRIED_AGAIN_AFTER_S or self._marks(name, version) != failure.marks:
            return None
        self._failures[name, version] = failure._replace(told_until=now + _TOLD_AGAIN_S)
        return failure.problem

    def note(self, name: str, version: int, problem: str, marks: object) -> None:
        """Remember a problem, and what the files were when they were tried."""
        now = time.monotonic()
        self._failures[name, version] = _Failure(problem, marks, now, now + _TOLD_AGAIN_S)

    def forget(self, name: str, version: int) -> None:
        """The version could be loaded."""
        self._failures.pop((name, version), None)
