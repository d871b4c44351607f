"""A server's request log is wired as the settings say, and costs a server that starts nothing."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bootstrap.request_log import open_request_store, wire_request_log
from app.domain.logged_request import LoggedInput, LoggedRequest
from app.settings import load_settings
from tests.database import Database

LONG_S = 60.0
TEXT = "customer C-123 is ada@example.com"

# What a serving process imports and wires, before the log's thread has anything to do.
START = """
import json, sys
from pathlib import Path
from app.bootstrap.request_log import wire_request_log
from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of

settings = load_settings(Path.cwd())
log = wire_request_log(settings)
print(json.dumps({"is_on": log is not None, "modules": sorted(sys.modules)}))
"""


def _recorded() -> LoggedRequest:
    inputs = (LoggedInput("greeting", 0.9, None, TEXT),)
    return LoggedRequest("r1", datetime.now(UTC), "ada", "POST", "/predict", 200, 0.001, "tiny", 1, inputs)


def test_by_default_the_log_is_a_file_in_the_folder_of_the_server_without_texts(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={})
    log = wire_request_log(settings)
    assert log is not None
    assert not (tmp_path / "var").exists()

    log.start()
    log.record(_recorded())
    log.close(LONG_S)

    assert (tmp_path / "var/parley.db").exists()
    with closing(open_request_store(settings)) as store:
        [entry] = store.page()
    assert entry.request.inputs == (LoggedInput("greeting", 0.9, None, None),)


def test_the_settings_decide_where_and_what(tmp_path: Path, database: Database) -> None:
    chosen = {"PARLEY_LOG_TEXT": "true", "PARLEY_REDACT": "{customer: 'C-[0-9]+'}"}
    settings = load_settings(tmp_path, environment={**chosen, "PARLEY_DATABASE_URL": database.address})
    log = wire_request_log(settings)
    assert log is not None

    log.start()
    log.record(_recorded())
    log.close(LONG_S)

    with closing(open_request_store(settings)) as store:
        [entry] = store.page()
    assert entry.request.inputs[0].text == "customer <customer> is <email>"


def test_a_log_that_is_not_wanted_is_none(tmp_path: Path) -> None:
    assert wire_request_log(load_settings(tmp_path, environment={"PARLEY_REQUEST_LOG": "false"})) is None


@pytest.mark.parametrize("library", ["sqlalchemy", "alembic", "psycopg", "regex"])
def test_a_server_that_starts_imports_no_library_of_databases(python, tmp_path: Path, library: str) -> None:
    done = python("-c", START, environment={"PARLEY_VAR_DIR": str(tmp_path)})
    told = json.loads(done.stdout)

    assert told["is_on"], done.stderr
    assert library not in told["modules"]
