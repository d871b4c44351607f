"""
The journal of a SQLite file, which still has what was overwritten in the file itself.

It is written anew from its beginning when it has grown to some megabytes; on a quiet server that takes days.
"""

from typing import Any

from sqlalchemy.engine import Engine

from .database_faults import told_faults


def empty_journal(engine: Engine) -> bool:
    """
    Put the journal into the file and empty it, and say whether that is so now; not while somebody reads or writes.

    Raises:
        StorageUnavailableError: the database cannot be used.
    """
    if engine.dialect.name != "sqlite":
        return True
    with told_faults(engine):
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout = 0")  # nobody has to wait for this
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found: Any = cursor.fetchone()  # whether somebody was at it, and how much there was
            return not found[0]
        finally:
            connection.close()
