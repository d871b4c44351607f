"""Real databases for tests: a SQLite file, and a PostgreSQL server that lives as long as a test run."""

import ctypes
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from app.storage.engine import open_engine
from app.storage.request_store import RequestStore

PASSWORD = "open%2Fsesame"
"""Of the URL, as it is written there; the throwaway server asks for none."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h


class Database(Protocol):
    """A database of one test."""

    @property
    def address(self) -> str: ...

    def take_away(self) -> None: ...

    def bring_back(self) -> None: ...

    def open(self) -> RequestStore: ...


@dataclass
class SqliteFile:
    """A file that can be put out of reach."""

    path: Path

    @property
    def address(self) -> str:
        return f"sqlite:///{self.path}"

    def open(self) -> RequestStore:
        return RequestStore(open_engine(self.address, busy_timeout_s=0.1))

    def take_away(self) -> None:
        """Put a folder in its place, which no process can open as a file."""
        if not self.path.exists():
            self.path.mkdir()
            return
        self.path.with_suffix(".away").mkdir()
        self._exchange()

    def bring_back(self) -> None:
        if not self.path.with_suffix(".away").exists():
            self.path.rmdir()
            return
        self._exchange()
        self.path.with_suffix(".away").rmdir()

    def _exchange(self) -> None:
        """Let the two change places in one step: in a moment without either, a new file would be made."""
        libc = ctypes.CDLL(None, use_errno=True)
        names = (os.fsencode(self.path), os.fsencode(self.path.with_suffix(".away")))
        if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), "renameat2", str(self.path))


class PostgresServer:
    """A server on a socket in a folder of its own, run by a user without rights: it refuses root."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="parley-postgresql-"))
        self.owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.run("initdb", "--username=parley", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        self.start()

    def run(self, program: str, *arguments: str) -> None:
        command: list[str | Path] = [self.programs / program, "-D", self.folder / "data", *arguments]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            subprocess.run(command, check=True, cwd="/", stdout=log, stderr=log, **self.owner)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "fast")

    def is_running(self) -> bool:
        try:
            self.run("pg_ctl", "status")
        except subprocess.CalledProcessError:
            return False
        return True

    def execute(self, statement: str) -> None:
        with closing(psycopg.connect(self.url("postgres"), autocommit=True)) as connection:
            connection.execute(statement.encode())

    def url(self, name: str) -> str:
        return f"postgresql://parley:{PASSWORD}@/{name}?host={self.folder}"

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(self.folder)
        (self.folder.parent / f"{self.folder.name}.log").unlink()


@dataclass
class PostgresDatabase:
    """A database of a server that can be stopped."""

    server: PostgresServer
    name: str

    @property
    def address(self) -> str:
        return self.server.url(self.name)

    def open(self) -> RequestStore:
        return RequestStore(open_engine(self.address))

    def take_away(self) -> None:
        self.server.stop()

    def bring_back(self) -> None:
        self.server.start()


def postgres_programs() -> Path | None:
    """Give the folder of PostgreSQL's programs, or None where it is not installed."""
    found = shutil.which("initdb")
    installed = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return installed[-1] if installed else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: `make system-packages`, or apt-get install postgresql")
    server = PostgresServer(programs)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield SqliteFile(tmp_path / "log.db")
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as made:
        yield made


@contextmanager
def postgres_database(server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Make an empty database for a while."""
    name = f"test_{uuid.uuid4().hex}"
    server.execute(f'CREATE DATABASE "{name}"')
    yield PostgresDatabase(server, name)
    if not server.is_running():  # a test has left it so
        server.start()
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(database: Database) -> Iterator[RequestStore]:
    """A request log in a database of either kind, ready to be written."""
    opened = database.open()
    opened.prepare()
    yield opened
    opened.close()
