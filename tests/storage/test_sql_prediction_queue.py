"""What is true of the queue in a database alone: an idle one is not written to, and what is deleted is gone."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from app.domain.queued_prediction import Result
from app.storage.engine import open_engine
from app.storage.sql_prediction_queue import SqlPredictionQueue
from tests.database import Database
from tests.prediction_stores import asked

LONG = timedelta(hours=1)


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    engine = open_engine(database.address)
    yield engine
    engine.dispose()


def test_an_idle_queue_is_looked_at_and_not_written_to(engine: Engine) -> None:
    with closing(SqlPredictionQueue(engine)) as store:
        store.prepare()
        store.put(asked(), 10)
        [claimed] = store.claim(1, LONG).taken
        store.settle([Result(claimed.asked.id, True, b"1")], LONG)
        store.sweep()
        statements: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

        store.claim(16, LONG)
        store.sweep()

    assert statements
    assert {one.split()[0] for one in statements} <= {"BEGIN", "SELECT"}, statements
    assert "BEGIN IMMEDIATE" not in statements


def test_what_people_typed_is_kept_until_it_is_answered_and_a_result_until_it_has_expired(engine: Engine) -> None:
    with closing(SqlPredictionQueue(engine)) as store:
        store.prepare()
        store.put(asked("MARKED"), 10)
        [claimed] = store.claim(1, LONG).taken
        store.settle([Result(claimed.asked.id, True, b"RESULT")], timedelta(0))

        with engine.connect() as connection:
            left = connection.execute(text("SELECT question, result FROM queued_predictions")).one()
        swept = store.sweep()
        with engine.connect() as connection:
            n_left = connection.scalar(text("SELECT count(*) FROM queued_predictions"))

    assert (left.question, bytes(left.result)) == (None, b"RESULT")
    assert (swept, n_left) == (1, 0)


def test_what_was_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    def n_marked() -> int:
        return sum(file.read_bytes().count(b"MARKED") for file in tmp_path.iterdir())

    with closing(SqlPredictionQueue(open_engine(tmp_path / "queue.db"))) as store:
        store.prepare()
        store.put(asked("MARKED"), 10)
        before = n_marked()
        [claimed] = store.claim(1, LONG).taken
        store.settle([Result(claimed.asked.id, True, b"MARKED")], timedelta(0))
        store.sweep()

        assert (before > 0, n_marked()) == (True, 0)


def test_while_somebody_reads_the_journal_is_left_for_another_time(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "queue.db")
    with closing(SqlPredictionQueue(engine)) as store:
        store.prepare()
        with engine.connect() as reader:
            reader.execute(text("SELECT count(*) FROM queued_predictions")).one()
            one = asked("MARKED")
            store.put(one, 10)
            store.forget(one.id)
            store.sweep()
            during = (tmp_path / "queue.db-wal").read_bytes()
        store.sweep()

        assert b"MARKED" in during
        assert b"MARKED" not in (tmp_path / "queue.db-wal").read_bytes()
