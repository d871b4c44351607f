"""A database is reached by a file or a URL; its file is its owner's alone and its password stays unseen."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app.domain.errors import InvalidValueError
from app.storage.engine import create_file, open_engine
from app.storage.migration import migrate

SECRET = "open%2Fsesame"


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a process leaves out of the modes of its new files."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.parametrize("name", ["log.db", "what is this?.db", "50% & more#.db", "ünïcode.db"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    engine = open_engine(tmp_path / "new" / "folder" / name)

    assert migrate(engine)

    engine.dispose()
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [name]


def test_a_relative_file_of_a_url_starts_where_the_process_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    migrate(open_engine("sqlite:///log.db"))

    assert (tmp_path / "log.db").exists()


@pytest.mark.usefixtures("umask")
def test_only_the_owner_can_read_a_file_and_its_journal(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "log.db")
    migrate(engine)

    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM logged_requests")
        files = list(tmp_path.iterdir())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}

    assert modes["log.db"] == 0o600
    assert set(modes) > {"log.db"}  # the journal
    assert set(modes.values()) == {0o600}


def test_readers_and_a_writer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "log.db", busy_timeout_s=0)
    migrate(engine)

    with engine.connect().execution_options(writes=True) as writing, writing.begin():
        writing.exec_driver_sql("DELETE FROM logged_requests")
        with engine.connect() as reading:
            assert reading.exec_driver_sql("SELECT count(*) FROM logged_requests").scalar() == 0


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{SECRET}@host/log",
        f"postgresql://u:{SECRET}@host:port/log",
        f"u:{SECRET}@host",
        "",
        "sqlite://",
    ],
)
def test_what_is_no_url_of_a_database_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(InvalidValueError, match="database_url") as refused:
        open_engine(url)

    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_scheme_of_postgresql_means_the_one_driver(scheme: str) -> None:
    engine = open_engine(f"{scheme}://parley:{SECRET}@db.internal:5433/log")

    assert engine.url.drivername == "postgresql+psycopg"
    assert "sesame" not in repr(engine) + str(engine.url)


def test_a_file_that_comes_back_after_another_was_in_its_place_can_be_used(tmp_path: Path) -> None:
    path, away = tmp_path / "log.db", tmp_path / "away.db"
    used, idle = open_engine(path), open_engine(path)
    for engine in (used, idle):  # both keep a connection open beside
        create_file(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS one (number INTEGER)")
    path.rename(away)
    path.mkdir()
    with pytest.raises(OperationalError), used.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM one")

    path.rmdir()
    create_file(used)  # and takes the journal with it when it is closed
    away.rename(path)

    for engine in (used, idle):
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS another (number INTEGER)")
    used.dispose()
    idle.dispose()
