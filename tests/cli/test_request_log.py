"""`python -m app requests` shows what is in the log and nothing that a terminal would obey; `migrate` makes tables."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from app.domain.logged_request import LogEntry, LoggedInput, LoggedRequest
from app.domain.time_ids import new_time_id
from app.storage.request_store import RequestStore
from tests.database import Database

NOW = datetime.now(UTC)


@pytest.fixture
def run(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Type a command: `run("requests", "--json")`."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"PARLEY_DATABASE_URL": database.address, "COLUMNS": "300"})

    def type_in(*arguments: str) -> Result:
        return runner.invoke(main, arguments)

    return type_in


@pytest.fixture
def filled(store: RequestStore) -> RequestStore:
    """A log of three requests: one of yesterday, one of two texts, one that was refused."""
    yesterday = LoggedRequest("old", NOW - timedelta(days=1), "ada", "POST", "/predict", 200, 0.00123, "tiny", 1)
    today = yesterday._replace(request_id="new", time=NOW, model="desk", version=7)
    inputs = (LoggedInput("greeting", 0.987, None, "hi [red]there\x1b[2J"), LoggedInput(None, 0.2, "low_confidence"))
    refused = LoggedRequest("none", NOW, None, "GET", "/models/<name>", 401, 0.5)
    requests = [yesterday._replace(inputs=(LoggedInput("bill", 0.5),)), today._replace(inputs=inputs), refused]
    store.insert([LogEntry(new_time_id(request.time), request) for request in requests])
    return store


def _found(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return sorted(request["request_id"] for request in json.loads(result.stdout)["requests"])


@pytest.mark.usefixtures("filled")
def test_a_table_has_a_row_for_each_input(run: Any) -> None:
    result = run("requests")

    assert result.exit_code == 0
    heading, *rows = result.stdout.splitlines()
    assert heading.startswith("UTC ")
    assert len(rows) == 4
    assert any("POST /predict" in row and "desk@7" in row and "greeting" in row and "0.99" in row for row in rows)
    assert any("low_confidence" in row for row in rows)
    assert any("GET /models/<name>" in row and "401" in row and "500.0" in row for row in rows)
    assert "1.2 " in rows[-1]


@pytest.mark.usefixtures("filled")
def test_what_a_stranger_sent_gives_a_terminal_no_orders(run: Any) -> None:
    output = run("requests").stdout

    assert "\x1b" not in output
    assert "hi [red]there\ufffd[2J" in output


@pytest.mark.usefixtures("filled")
def test_json_has_everything(run: Any) -> None:
    [request] = json.loads(run("requests", "--model", "desk", "--json").stdout)["requests"]

    assert datetime.fromisoformat(request.pop("time")) == NOW
    assert request.pop("id")
    assert request == {
        "request_id": "new",
        "caller": "ada",
        "method": "POST",
        "endpoint": "/predict",
        "status": 200,
        "seconds": 0.00123,
        "model": "desk",
        "version": 7,
        "inputs": [
            {"intent": "greeting", "confidence": 0.987, "fallback": None, "text": "hi [red]there\x1b[2J"},
            {"intent": None, "confidence": 0.2, "fallback": "low_confidence", "text": None},
        ],
    }


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ([], ["new", "none", "old"]),
        (["--model", "tiny"], ["old"]),
        (["--intent", "greeting"], ["new"]),
        (["--fallbacks"], ["new"]),
        (["--since", "12h"], ["new", "none"]),
        (["--since", "30m"], ["new", "none"]),
        (["--since", "2d"], ["new", "none", "old"]),
        (["--since", f"{NOW:%Y-%m-%dT%H:%M:%S}"], ["new", "none"]),
        (["--since", (NOW + timedelta(days=2)).date().isoformat()], []),
        (["--model", "tiny", "--fallbacks"], []),
    ],
)
@pytest.mark.usefixtures("filled")
def test_flags_choose(run: Any, flags: list[str], found: list[str]) -> None:
    assert _found(run("requests", "--json", *flags)) == found


@pytest.mark.usefixtures("filled")
def test_as_many_are_shown_as_asked_for(run: Any) -> None:
    assert len(_found(run("requests", "--json", "--limit", "2"))) == 2


@pytest.mark.parametrize("flags", [("--since", "yesterday"), ("--since", "5y"), ("--since", ""), ("--limit", "0")])
def test_a_flag_that_means_nothing_is_refused_by_name(run: Any, flags: tuple[str, str]) -> None:
    result = run("requests", *flags)

    assert result.exit_code == 2
    assert flags[0] in result.stderr


def test_a_database_without_tables_says_how_to_make_them(run: Any) -> None:
    result = run("requests")

    assert result.exit_code == 2
    assert "python -m app migrate" in result.stderr
    assert "sesame" not in result.output


def test_migrate_makes_the_tables_once(run: Any, database: Database) -> None:
    first, second = run("migrate"), run("migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout != second.stdout
    with closing(database.open()) as store:
        assert store.page() == []


def test_a_database_that_is_away_is_told_without_its_password(run: Any, database: Database) -> None:
    database.take_away()

    result = run("migrate")

    database.bring_back()
    assert result.exit_code == 2
    assert "cannot be used" in result.stderr
    assert "sesame" not in result.output
