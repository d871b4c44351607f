"""How long the request log remembers."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_log = logging.getLogger(__name__)

_INTERVAL_S: Final = 3600.0
_AT_ONCE: Final = 10_000


class Forgetful(Protocol):
    """What can be told to forget what is older than a time, the oldest so many at most; it says how many it forgot."""

    def erase_texts_before(self, time: datetime, limit: int) -> int:
        """Forget texts."""
        ...

    def delete_before(self, time: datetime, limit: int) -> int:
        """Forget requests."""
        ...


class Retention:
    """Deletes what is too old at the first call, then once an hour; where there is much, some at each call."""

    def __init__(self, days: float, text_days: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep requests for so many days, and their texts for so many."""
        self._days, self._text_days, self._clock = days, text_days, clock
        self._due = clock()

    def apply(self, store: Forgetful) -> None:
        """Delete what is too old, where it is time to. Never raises: it is tried again an hour later."""
        if self._clock() < self._due:
            return
        deleted = erased = 0
        now = datetime.now(UTC)
        try:
            deleted = store.delete_before(now - timedelta(days=self._days), _AT_ONCE)
            erased = store.erase_texts_before(now - timedelta(days=self._text_days), _AT_ONCE)
        except Exception as error:  # noqa: BLE001 - what waits to be written must not wait for this
            _log.warning("request log: what is too old could not be deleted: %s", error)
        if max(deleted, erased) < _AT_ONCE:
            self._due = self._clock() + _INTERVAL_S
        if deleted or erased:
            _log.info("request log: %d requests deleted, the texts of %d more: they were too old", deleted, erased)
