"""Databases that can be taken away and brought back."""

import ctypes
import os
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import text

from app.storage.engine import open_engine

_HERE: Final = -100
_EXCHANGE: Final = 2


class Database(Protocol):
    """Where the request log is kept."""

    @property
    def url(self) -> str: ...

    def take_away(self) -> None: ...

    def bring_back(self) -> None: ...

    def remove(self) -> None: ...


class SqliteFile:
    """A file in whose place there is a folder now and then."""

    def __init__(self, folder: Path) -> None:
        self._file, self._other = folder / "soak.db", folder / "soak.db.away"
        self._other.mkdir()
        self.url = f"sqlite:///{self._file}"

    def take_away(self) -> None:
        """Put the folder there in one step: in between, a worker would make a new and empty file."""
        exchanged = ctypes.CDLL(None, use_errno=True).renameat2(
            _HERE, os.fsencode(self._file), _HERE, os.fsencode(self._other), _EXCHANGE
        )
        if exchanged:
            raise OSError(ctypes.get_errno(), "a file and a folder cannot change places here")

    bring_back = take_away

    def remove(self) -> None:
        """Leave it to whoever made the folder."""


class PostgresDatabase:
    """A server of its own, which is stopped and started."""

    def __init__(self) -> None:
        """
        Start one.

        Raises:
            RuntimeError: PostgreSQL is not installed.
        """
        from tests.database import PostgresServer, postgres_programs  # noqa: PLC0415 - with it comes what runs tests

        programs = postgres_programs()
        if programs is None:
            raise RuntimeError("PostgreSQL is not installed")
        self._server = PostgresServer(programs)
        self._server.execute("CREATE DATABASE soak")
        self.url = self._server.url("soak")

    def take_away(self) -> None:
        self._server.stop()

    def bring_back(self) -> None:
        self._server.start()

    def remove(self) -> None:
        self._server.remove()


def logged(url: str) -> dict[str, int]:
    """Count the rows of each request in the log."""
    engine = open_engine(url)
    try:
        with closing(engine.connect()) as connection:
            rows = connection.execute(text("SELECT request_id, COUNT(*) FROM logged_requests GROUP BY request_id"))
            return {name: int(n) for name, n in rows}
    finally:
        engine.dispose()
