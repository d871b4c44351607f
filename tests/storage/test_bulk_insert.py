"""Rows of any number reach a table whole, as its columns want them."""

from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.storage.bulk_insert import insert_rows
from app.storage.tables import LOGGED_REQUESTS
from tests.database import Database

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("n", [0, 1, 999, 1_000, 1_001, 3_500])
def test_each_row_is_there_once(database: Database, n: int) -> None:
    rows = [(UUID(int=i), NOON, f"r{i}", None, "GET", "/", 200, 0.5, None, i) for i in range(n)]
    with closing(database.open()) as store:
        store.prepare()
        with store.engine.begin() as connection:
            insert_rows(connection, LOGGED_REQUESTS, rows)

        with store.engine.connect() as connection:
            counted = connection.scalar(select(func.count()).select_from(LOGGED_REQUESTS))
            last = connection.execute(select(LOGGED_REQUESTS).order_by(LOGGED_REQUESTS.c.id.desc()).limit(1)).first()
    assert counted == n
    if last is not None:
        assert last.id == UUID(int=n - 1)
        assert tuple(last)[2:] == (f"r{n - 1}", None, "GET", "/", 200, 0.5, None, n - 1)
        assert last.time.replace(tzinfo=UTC) == NOON
