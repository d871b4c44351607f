"""
Bring a database to the tables of this version.

Any number of processes may do so at once: the first takes the database's own lock, and the others find nothing left
to do. An empty database gets the newest tables at once; Alembic is imported only where older ones are to be changed.
"""

import logging
from pathlib import Path
from typing import Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, text
from sqlalchemy.engine import Connection, Engine

from ..domain.storage_errors import StorageUnavailableError
from . import identity_tables as _identity_tables  # noqa: F401 - they belong to METADATA
from . import queue_tables as _queue_tables  # noqa: F401 - so does this one
from .database_faults import name_of, told_faults
from .engine import WRITES, create_file
from .tables import METADATA

HEAD: Final = "0005"
"""The newest migration."""

# As Alembic makes it.
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_log = logging.getLogger(__name__)
_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_ADVISORY_LOCK: Final = 7_206_157_205_119_001
"""Any number that no other program takes on the same PostgreSQL database."""


def migrate(engine: Engine) -> bool:
    """
    Make or change the tables where they are not as this version needs them, and say whether that was so.

    Raises:
        StorageUnavailableError: the database cannot be used, or a newer Parley has changed it.
    """
    with told_faults(engine):
        create_file(engine)
        if revision_of(engine) == HEAD:
            return False
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            before = _revision(connection)
            if before == HEAD:  # somebody else was first
                return False
            if before is None:
                _create(connection)
            else:
                _upgrade(connection)
    _log.info("%s: tables brought from version %s to %s", name_of(engine.url), before or "none", HEAD)
    return True


def revision_of(engine: Engine) -> str | None:
    """
    Say which migration was the last, or None where there was none.

    Raises:
        StorageUnavailableError: the database cannot be used.
    """
    with told_faults(engine), engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _create(connection: Connection) -> None:
    METADATA.create_all(connection, checkfirst=False)
    _VERSION.create(connection, checkfirst=True)  # an empty one is left where migrations were undone
    connection.execute(insert(_VERSION).values(version_num=HEAD))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 20 MB that most starts have no use for
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes.update(connection=connection, metadata=METADATA)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        problem = f"its tables are not those of this Parley; a newer one has changed them? ({error})"
        raise StorageUnavailableError(name_of(connection.engine.url), problem) from None
