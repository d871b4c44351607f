"""When keys were used last, to the hour, written behind: whoever sends one does not wait for a disk."""

import threading
from datetime import datetime
from uuid import UUID

from ...domain.identity import Key
from ...domain.storage_errors import StorageError
from .stores import OpenStores


class KeyUses:
    """Writes in a thread of its own that lives for as long as there is something; safe to share between threads."""

    def __init__(self, stores: OpenStores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._waiting: dict[UUID, datetime] = {}
        self._thread: threading.Thread | None = None

    def note(self, key: Key, now: datetime) -> None:
        """Keep that a key was used, where that is not known of this hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if key.last_used_at is not None and key.last_used_at >= hour:
            return
        with self._lock:
            self._waiting[key.id] = hour
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="key uses", daemon=True)
                self._thread.start()

    def settle(self) -> None:
        """Wait until all is written."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _write(self) -> None:
        while True:
            with self._lock:
                used, self._waiting = self._waiting, {}
                if not used:
                    self._thread = None
                    return
            try:
                self._stores().keys.mark_used(used)
            except StorageError:  # it is tried again when the key is used again
                continue
