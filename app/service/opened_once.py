"""A store that is opened by whoever needs it first: a server starts without its database, and answers without it."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from ..domain.storage_errors import StorageError


class Preparable(Protocol):
    """A store whose tables may have to be made."""

    def prepare(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


StoreT = TypeVar("StoreT", bound=Preparable)


class OpenedOnce(Generic[StoreT]):
    """Gives the store, ready to be used; safe to share between threads."""

    def __init__(self, open_store: Callable[[], StoreT]) -> None:
        self._open_store = open_store
        self._lock = threading.Lock()
        self._store: StoreT | None = None

    def __call__(self) -> StoreT:
        """
        Open the store and make its tables, the first time and again after that failed.

        Raises:
            StorageUnavailableError: the database cannot be used.
        """
        if self._store is not None:
            return self._store
        with self._lock:
            if self._store is None:
                store = self._open_store()
                try:
                    store.prepare()
                except StorageError:
                    store.close()
                    raise
                self._store = store
            return self._store

    def close(self) -> None:
        """Give back what the store holds; it is opened again where somebody needs it."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()
