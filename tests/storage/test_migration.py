"""A database is brought to the tables of this version once, however many processes start at the same time."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.reflection import Inspector

from app.domain.storage_errors import StorageUnavailableError
from app.storage import migration
from app.storage.engine import create_file
from app.storage.job_store import JobStore
from app.storage.migration import HEAD, migrate, revision_of
from app.storage.tables import METADATA
from tests.database import Database
from tests.job_stores import queue, queue_batch

MIGRATE = """
import sys
from app.storage.engine import open_engine
from app.storage.migration import migrate
sys.stdin.readline()
print(migrate(open_engine(sys.argv[1])))
"""


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    with closing(database.open()) as store:
        yield store.engine


def _set_revision(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _downgrade(engine: Engine, revision: str) -> None:
    _by_alembic(engine, command.downgrade, revision)


def _upgrade(engine: Engine, revision: str) -> None:
    _by_alembic(engine, command.upgrade, revision)


def _by_alembic(engine: Engine, deed: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migration.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes.update(connection=connection, metadata=METADATA)
        deed(config, revision)


def _schema(engine: Engine) -> dict[str, Any]:
    """By table, all that a database tells of it, apart from the order of its columns."""
    inspector = inspect(engine)
    return {table: _told(engine, inspector, table) for table in inspector.get_table_names()}


def _told(engine: Engine, inspector: Inspector, table: str) -> dict[str, Any]:
    columns = [{**column, "type": str(column["type"])} for column in inspector.get_columns(table)]
    lists: list[Sequence[Any]] = [
        columns,
        inspector.get_foreign_keys(table),
        inspector.get_unique_constraints(table),
        inspector.get_check_constraints(table),
        inspector.get_indexes(table),
    ]
    told = {str(number): sorted(json.dumps(row, default=str) for row in rows) for number, rows in enumerate(lists)}
    with engine.connect() as connection:
        made = (
            connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table})
            if engine.dialect.name == "sqlite"
            else ""
        )
    return {**told, "primary_key": inspector.get_pk_constraint(table), "has_rowid": "WITHOUT ROWID" not in made}


def test_the_newest_migration_is_the_one_that_start_up_looks_for() -> None:
    scripts = ScriptDirectory(str(Path(migration.__file__).with_name("migrations")))

    assert scripts.get_heads() == [HEAD]


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    migrate(engine)
    _downgrade(engine, "base")
    _upgrade(engine, HEAD)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_an_empty_database_gets_what_the_migrations_make(engine: Engine) -> None:
    migrate(engine)
    at_once = _schema(engine)
    _downgrade(engine, "base")
    _upgrade(engine, HEAD)

    assert at_once == _schema(engine)
    assert set(at_once) == {*METADATA.tables, "alembic_version"}


def test_an_empty_database_is_migrated_once(engine: Engine) -> None:
    assert [migrate(engine), migrate(engine)] == [True, False]
    assert revision_of(engine) == HEAD


def test_alembic_is_not_in_memory_where_no_older_tables_are_changed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)  # importing it would fail

    assert [migrate(engine), migrate(engine)] == [True, False]


def test_processes_that_start_together_migrate_once(database: Database, root: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, database.address],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate() for process in starting]

    assert sorted(output.strip() for output, _ in told) == ["False"] * 3 + ["True"], told


def test_the_tables_of_a_newer_parley_are_let_alone_and_told(engine: Engine) -> None:
    migrate(engine)
    _set_revision(engine, "9999")

    with pytest.raises(StorageUnavailableError, match="a newer one has changed them"):
        migrate(engine)

    assert revision_of(engine) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    create_file(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE logged_inputs (mine integer)"))

    with pytest.raises(StorageUnavailableError, match="logged_inputs"):
        migrate(engine)

    assert inspect(engine).get_table_names() == ["logged_inputs"]


def test_a_change_of_older_tables_that_fails_leaves_them_as_they_were(engine: Engine) -> None:
    migrate(engine)
    _downgrade(engine, "0001")
    before = _schema(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (mine integer)"))  # of 0003, while 0002 has none in its way

    with pytest.raises(StorageUnavailableError, match="users"):
        migrate(engine)

    left = _schema(engine)
    assert left.pop("users")
    assert left == before
    assert revision_of(engine) == "0001"


def test_jobs_of_before_there_were_batches_are_trainings(engine: Engine) -> None:
    migrate(engine)
    job = queue(JobStore(engine))
    _downgrade(engine, "0003")

    migrate(engine)

    found = JobStore(engine).get(job.id)
    assert found is not None
    assert (found.order, found.result_until) == (job.order, None)


def test_a_migration_can_be_undone(engine: Engine) -> None:
    migrate(engine)
    queue_batch(JobStore(engine))

    _downgrade(engine, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert migrate(engine)
