"""Whatever becomes of the database of the request log, predictions are answered, and what is not written is counted."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.storage.engine import open_engine
from app.storage.tables import METADATA
from tests.database import Database, PostgresDatabase, SqliteFile
from tests.wellbeing import unharmed
from tests.workers import until

QUEUE = 200


@pytest.fixture
def start_with(start_server: Callable[..., Any], tiny_models: Path) -> Callable[[Database], Any]:
    """Start a server that logs to a database, and keeps little of what waits."""

    def start(database: Database) -> Any:
        return start_server(
            tiny_models,
            PARLEY_DEFAULT_MODEL="tiny",
            PARLEY_DATABASE_URL=database.address,
            PARLEY_REQUEST_LOG_QUEUE=str(QUEUE),
            PARLEY_REQUEST_LOG_INTERVAL_S="0.1",
        )

    return start


def execute(database: Database, *statements: str) -> None:
    engine = open_engine(database.address)
    with closing(engine.connect()) as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def counted(server: Any) -> dict[str, float]:
    lines = server.get("/metrics").body.decode().splitlines()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if line.startswith("parley_request_log")}


def ask(server: Any, n: int) -> None:
    for _ in range(n):
        assert server.post("/predict", {"text": "hello"}).status == 200


DROPPED = 'parley_request_log_total{outcome="dropped_queue_full"}'
WRITTEN = 'parley_request_log_total{outcome="written"}'
QUEUED = "parley_request_log_queued"


def test_while_it_is_away_a_bounded_number_waits_and_the_rest_is_counted(start_with, database: Database) -> None:
    server = start_with(database)
    with unharmed(server):
        database.take_away()
        ask(server, 3 * QUEUE)
        until(lambda: counted(server).get(DROPPED, 0) > QUEUE)
        assert counted(server)[QUEUED] <= QUEUE

        database.bring_back()

        until(lambda: counted(server)[QUEUED] < 20)


def test_while_another_holds_its_lock_requests_wait_outside(start_with, tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "log.db")
    server = start_with(file)
    with unharmed(server):
        engine = open_engine(file.address)
        with closing(engine.connect().execution_options(writes=True)) as holder, holder.begin():
            ask(server, 3 * QUEUE)
            until(lambda: counted(server).get(DROPPED, 0) > QUEUE)
        engine.dispose()

        until(lambda: counted(server)[QUEUED] < 20)


def test_a_table_that_is_gone_fails_no_prediction_and_is_made_again(start_with, database: Database) -> None:
    server = start_with(database)
    with unharmed(server):
        execute(database, *[f"DROP TABLE {table.name}" for table in reversed(METADATA.sorted_tables)])
        ask(server, 50)
        before = counted(server)[WRITTEN]
        execute(database, "DROP TABLE alembic_version")  # whoever takes the tables takes this along, sooner or later

        until(lambda: counted(server)[WRITTEN] > before + 20)


def test_one_that_takes_a_second_for_each_batch_delays_nothing(start_with, postgres_server: Any) -> None:
    name = f"slow_{time.time_ns()}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    database = PostgresDatabase(postgres_server, name)
    server = start_with(database)
    with unharmed(server):
        execute(
            database,
            "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'",
            "CREATE TRIGGER slow BEFORE INSERT ON logged_requests FOR EACH STATEMENT EXECUTE FUNCTION be_slow()",
        )
        ask(server, 3 * QUEUE)
        execute(database, "DROP TRIGGER slow ON logged_requests")

        until(lambda: counted(server)[QUEUED] < 20)
    assert server.stop() == 0
