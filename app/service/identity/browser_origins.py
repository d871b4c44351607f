"""
The origins of pages that hold keys, as last seen in the database.

They are needed for every reply to a page, on an event loop that must not wait: what was seen last is given at once, and
where that is a while ago somebody looks again behind the request's back.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from ...domain.storage_errors import StorageError

_log = logging.getLogger(__name__)

_SEEN_FOR_S: Final = 5.0


class BrowserOrigins:
    """Remembers origins; safe to share between threads, and never waits."""

    def __init__(self, read: Callable[[], frozenset[str]], *, clock: Callable[[], float] = time.monotonic) -> None:
        """`read` reads them from the database."""
        self._read, self._clock = read, clock
        self._seen: frozenset[str] = frozenset()
        self._look_again_at = 0.0
        self._looking = threading.Lock()

    def seen(self) -> frozenset[str]:
        """Give them as they were seen last, at once."""
        if self._clock() >= self._look_again_at and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look_and_release, name="origins of keys", daemon=True).start()
        return self._seen

    def look(self) -> frozenset[str]:
        """Give them as they are, or were a moment ago; for threads, which may wait."""
        if self._clock() >= self._look_again_at:
            self._looking.acquire()
            self._look_and_release()
        return self._seen

    def _look_and_release(self) -> None:
        try:
            if self._clock() >= self._look_again_at:  # while this one waited, somebody else may have looked
                self._seen = self._read()
        except StorageError as error:
            _log.warning("the origins of keys cannot be read, and stay as they were: %s", error)
        except Exception:  # noqa: BLE001 - somebody looks again later
            _log.exception("the origins of keys cannot be read")
        finally:
            self._look_again_at = self._clock() + _SEEN_FOR_S
            self._looking.release()
