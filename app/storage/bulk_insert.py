"""
Many rows into a table by few statements.

Drivers give the interpreter's lock away for each statement, and a busy process gives it back late: a batch written row
by row takes hundreds of times as long as its work. One statement holds up to `_ROWS` rows.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.engine import Connection, Dialect

_ROWS: Final = 1_000  # of ten columns: well below what SQLite and PostgreSQL take as parameters of a statement
_MARKS: Final = {"qmark": "?", "pyformat": "%s", "format": "%s"}


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of values, in the order of the table's columns; of one batch, all rows have them all."""
    conversions = _conversions(table, connection.dialect)
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        values = [value for row in part for value in row]
        for at, convert in conversions:
            values[at :: len(table.columns)] = [convert(value) for value in values[at :: len(table.columns)]]
        connection.exec_driver_sql(_statement(table, connection.dialect.paramstyle, len(part)), tuple(values))


@lru_cache(maxsize=8)
def _conversions(table: Table, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    """Give what makes of values what the driver takes, by the places of columns that need it."""
    processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    return [(at, processor) for at, processor in enumerate(processors) if processor is not None]


@lru_cache(maxsize=64)
def _statement(table: Table, paramstyle: str, n_rows: int) -> str:
    names = ", ".join(column.name for column in table.columns)
    row = ", ".join([_MARKS[paramstyle]] * len(table.columns))
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([f'({row})'] * n_rows)}"  # noqa: S608 - our own names
