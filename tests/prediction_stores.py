"""The queue of predictions for tests, in each of the three places where it may lie."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete
from sqlalchemy.engine import Engine

from app.domain.queued_prediction import Asked
from app.service.queued_predictions import PredictionStore
from app.storage.engine import open_engine
from app.storage.migration import migrate
from app.storage.queue_tables import QUEUED_PREDICTIONS
from app.storage.redis_prediction_queue import RedisPredictionQueue
from app.storage.sql_prediction_queue import SqlPredictionQueue
from tests.database import PostgresServer, postgres_database


def asked(text: str = "hello", caller: str = "ada") -> Asked:
    return Asked(uuid4(), caller, "a-request", f'{{"text":"{text}"}}'.encode())


@pytest.fixture(scope="module")
def shared_postgres(postgres_server: PostgresServer) -> Iterator[Engine]:
    """A database with tables, which each test empties."""
    with postgres_database(postgres_server) as database:
        engine = open_engine(database.address)
        migrate(engine)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def prediction_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[PredictionStore]]:
    """The same queue as two processes see it, ready to be used."""
    with ExitStack() as stack:
        open_store: Callable[[], PredictionStore]
        if request.param == "redis":
            url = request.getfixturevalue("redis_server").database(4)
            open_store = lambda: RedisPredictionQueue(url)  # noqa: E731 - one of three
        else:
            address = f"sqlite:///{tmp_path / 'queue.db'}"
            if request.param == "postgresql":
                engine: Engine = request.getfixturevalue("shared_postgres")
                with engine.begin() as connection:
                    connection.execute(delete(QUEUED_PREDICTIONS))
                address = engine.url.render_as_string(hide_password=False)
            open_store = lambda: SqlPredictionQueue(open_engine(address))  # noqa: E731
        stores: list[PredictionStore] = [stack.enter_context(closing(open_store())) for _ in range(2)]
        for store in stores:
            store.prepare()
        yield stores
