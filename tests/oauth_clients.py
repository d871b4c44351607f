"""A client for tests of what is kept of its tokens."""

from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.engine import Engine

from app.storage.engine import WRITES
from app.storage.identity_tables import CLIENTS


def add_client(engine: Engine) -> None:
    """Keep a client `client` of a user `ada`."""
    row = {
        "id": "client",
        "name": "A client",
        "user": "ada",
        "scopes": "predict",
        "grant_types": "refresh_token",
        "redirect_uris": "",
        "authentication": "none",
        "uri": "",
        "created_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
    with engine.execution_options(**WRITES).begin() as connection:
        connection.execute(insert(CLIENTS).values(row))
