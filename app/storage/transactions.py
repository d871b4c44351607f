"""Reading and writing the database, with faults told in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from .database_faults import told_faults
from .engine import WRITES


class Transactions:
    """What several stores on one engine share; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**WRITES)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """
        Give a connection that only reads.

        Raises:
            StorageUnavailableError: the database cannot be used.
        """
        with told_faults(self.engine), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        Give a connection whose changes are all kept, or none where the block raises.

        Raises:
            StorageUnavailableError: the database cannot be used.
            RefusedEntryError: it does not take what it was given.
        """
        with told_faults(self.engine), self._writing.begin() as connection:
            yield connection
