"""All that a server keeps, in the clear form that a thief of it would read."""

from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql


def value(client: Any, key: bytes) -> bytes:
    """Give what is kept under a name, as it is: a dump is compressed."""
    kind = client.type(key).decode()
    read = {
        "string": client.get,
        "hash": client.hgetall,
        "list": lambda name: client.lrange(name, 0, -1),
        "set": client.smembers,
        "zset": lambda name: client.zrange(name, 0, -1),
        "none": lambda _: b"",
    }[kind]
    found = read(key)
    values = [*found.keys(), *found.values()] if isinstance(found, dict) else found
    return values if isinstance(values, bytes) else b" ".join(values)


def files_and_log(server: Any) -> list[Path]:
    """Logs, the database with its journal, and whatever else the server keeps."""
    log_file = next(Path(one.path) for one in _opened(server) if one.path.endswith("parley.log"))
    return [*files_of(server), log_file]


def files_of(server: Any) -> list[Path]:
    found = [file for file in server.log.parent.rglob("*") if file.is_file()]
    assert any(file.name.startswith("parley.db") for file in found) or "PARLEY_DATABASE_URL_FILE" in _told(server)
    return found


def _told(server: Any) -> dict[str, str]:
    return psutil.Process(server.process.pid).environ()


def dumped(url: str) -> bytes:
    """Give all rows of all tables, as PostgreSQL writes them."""
    with closing(psycopg.connect(url)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        selects = [sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(name)) for (name,) in tables]
        rows = [connection.execute(select).fetchall() for select in selects]
    assert sum(map(len, rows)) > len(rows)
    return str(rows).encode()


def _opened(server: Any) -> list[Any]:
    supervisor = psutil.Process(server.process.pid)
    return [one for process in [supervisor, *supervisor.children()] for one in process.open_files()]
