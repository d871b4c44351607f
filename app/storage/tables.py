"""
The tables of the database, as the newest migration leaves them.

The request log is ordered by its ids, which begin with the time: no other index is kept up to date for every request.
"""

from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

METADATA: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s"})

LOGGED_REQUESTS: Final = Table(
    "logged_requests",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("caller", Text),
    Column("method", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("model", Text),
    Column("version", Integer),
    sqlite_with_rowid=False,
)

LOGGED_INPUTS: Final = Table(
    "logged_inputs",
    METADATA,
    Column("entry", ForeignKey(LOGGED_REQUESTS.c.id), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("intent", Text),
    Column("confidence", Double),
    Column("fallback", Text),
    Column("text", Text),
    sqlite_with_rowid=False,
)

# Finds texts that are to be erased; costs nothing where none are kept.
Index(
    "ix_logged_inputs_texts",
    LOGGED_INPUTS.c.entry,
    sqlite_where=text("text IS NOT NULL"),
    postgresql_where=text("text IS NOT NULL"),
)
