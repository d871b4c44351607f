"""
Connections to the database: a SQLite file, or PostgreSQL.

A SQLite file belongs to its owner alone and is written by several processes: a journal that does not hold readers up,
and waiting for each other. Each use opens it anew, so that a file that was taken away is noticed. One more connection
stays open beside: whoever closes the last one puts the journal on disk, and Python holds everybody up meanwhile.
"""

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakSet

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from ..domain.errors import InvalidValueError

BUSY_TIMEOUT_S: Final = 5.0
WRITES: Final = {"writes": True}
"""Execution options of connections that write: SQLite gives the right to write at the start, or not at all."""

_POSTGRESQL: Final = "postgresql+psycopg"
# Of libpq: a server that has vanished is noticed. A connection pooler between may not know prepared statements.
_PATIENCE: Final = {"connect_timeout": 5, "keepalives_idle": 30, "tcp_user_timeout": 15_000}

_UNUSABLE: Final = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_PROTOCOL,
}


def open_engine(database: str | Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """
    Make what connects to a database; nothing is connected yet.

    Args:
        database: a file of SQLite, or a URL: `sqlite:///file`, `postgresql://user:password@host:port/name`.
        busy_timeout_s: how long to wait for another process that writes to the same SQLite file.

    Raises:
        InvalidValueError: it is no such URL.
    """
    if isinstance(database, Path):
        return _sqlite(database, busy_timeout_s)
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        raise InvalidValueError("database_url", "it is no URL") from None  # not quoted: a password stands in it
    if url.get_backend_name() == "sqlite" and url.database:
        return _sqlite(Path(url.database), busy_timeout_s)
    if url.get_backend_name() in {"postgresql", "postgres"}:
        return _postgresql(url)
    raise InvalidValueError("database_url", "it begins neither with sqlite:/// nor with postgresql://")


def create_file(engine: Engine) -> None:
    """
    Make an empty SQLite file that only its owner can read, where there is none; its journal inherits the mode.

    Raises:
        OSError: it cannot be made.
    """
    if engine.dialect.name != "sqlite":
        return
    path = Path(engine.url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never opened where it is there: whoever closes a file lets go of all locks that his process has on it, and the
    # journal of another store in this process would be taken for one that nobody uses.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    # The file remembers it. Where another process is about it too, or the file is no database: not told here.
    with suppress(sqlite3.Error), closing(_connect(path, BUSY_TIMEOUT_S)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what retention erases is overwritten
    return connection


def _sqlite(path: Path, busy_timeout_s: float) -> Engine:
    url = URL.create("sqlite", database=str(path))
    beside = _Beside(path)

    def connect() -> sqlite3.Connection:
        connection = _connect(path, busy_timeout_s)
        beside.keep_open()
        return connection

    engine = create_engine(url, creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "engine_disposed", beside.close)
    event.listen(engine, "handle_error", _let_go)
    event.listen(engine, "begin", _begin)
    return engine


class _Beside:
    """A connection that nobody uses, to the file that is at a path now; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        _besides.add(self)

    def keep_open(self) -> None:
        """Open it, where it is not open or the file is another one."""
        with self._lock, suppress(OSError, sqlite3.Error):  # whoever uses the database is told what is wrong with it
            found = self.path.stat()
            if self._file == (found.st_dev, found.st_ino):
                return
            self._close()
            uri = f"file:{quote(str(self.path.absolute()))}?mode=rw"
            self._connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # before, it has opened nothing
            self._file = (found.st_dev, found.st_ino)

    def close(self, _: object = None) -> None:
        """Close it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None


_besides: WeakSet[_Beside] = WeakSet()


def _let_go(context: ExceptionContext) -> None:
    """
    Close what is open beside, of all engines of this process on a file that cannot be used.

    While it is open, SQLite shares its index of the journal with every new connection: also when another file was in
    the place meanwhile and took the journal with it.
    """
    error = context.original_exception
    if not isinstance(error, sqlite3.Error) or context.engine is None:
        return
    # a mistake of Python's module has no number, and a result code's kind is its last byte
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _UNUSABLE:
        return
    for beside in list(_besides):
        if beside.path == Path(context.engine.url.database or ""):
            beside.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    chosen: dict[str, Any] = {key: value for key, value in _PATIENCE.items() if key not in url.query}
    return create_engine(
        url.set(drivername=_POSTGRESQL),
        connect_args={**chosen, "prepare_threshold": None},
        pool_size=1,
        max_overflow=4,
        pool_pre_ping=True,
        hide_parameters=True,
    )
