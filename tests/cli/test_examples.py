"""`python -m app examples` and `audit`: what HTTP does with drafts, from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from tests.database import Database


@pytest.fixture
def run(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Type a command: `run("examples", "list", "--model", "desk")`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(
        "intent,text\ncard,where is my card\ncard,Where is my card?\npin,i forgot my pin\n"
    )
    runner = CliRunner(env={"PARLEY_DATABASE_URL": database.address, "COLUMNS": "300"})

    def type_in(*arguments: str) -> Result:
        return runner.invoke(main, arguments)

    return type_in


def _examples(run: Any, *arguments: str) -> list[dict[str, Any]]:
    result = run("examples", "list", "--model", "desk", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout)["examples"])


def test_a_file_is_imported_and_what_became_of_it_is_told(run: Any) -> None:
    result = run("examples", "import", "--model", "desk", "data.csv")

    assert result.output == "2 added, 1 known already, 0 given another intent; 2 examples in revision 1\n"
    assert [(one["text"], one["intent"], one["source"]) for one in _examples(run)] == [
        ("where is my card", "card", "file data.csv"), ("i forgot my pin", "pin", "file data.csv"),
    ]  # fmt: skip


def test_a_file_replaces_what_was_there_only_where_it_is_to(run: Any, tmp_path: Path) -> None:
    run("examples", "import", "--model", "desk", "data.csv")
    (tmp_path / "more.tsv").write_text("hello\tgreeting\n")
    run("examples", "import", "--model", "desk", "more.tsv")
    assert len(_examples(run)) == 3

    result = run("examples", "import", "--model", "desk", "--replace", "more.tsv")

    assert "3 removed before; 1 examples" in result.output
    assert [one["text"] for one in _examples(run)] == ["hello"]


def test_a_table_shows_what_is_wanted_and_nothing_that_a_terminal_would_obey(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_text("hi [red]there\x1b[2J\tgreeting\n")
    run("examples", "import", "--model", "desk", "data.csv")
    run("examples", "import", "--model", "desk", "bad.tsv")

    result = run("examples", "list", "--model", "desk", "--intent", "greeting")

    assert "hi [red]there\ufffd[2J" in result.stdout
    assert "card" not in result.stdout
    assert "1 of 1" in result.stderr


@pytest.mark.parametrize("data_format", ["csv", "tsv", "intents-json"])
def test_what_is_exported_is_imported_the_same(run: Any, data_format: str) -> None:
    run("examples", "import", "--model", "desk", "data.csv")
    exported = run("examples", "export", "--model", "desk", "--format", data_format, "--output", "out")
    assert exported.exit_code == 0, exported.output

    run("examples", "import", "--model", "other", "out")

    listed = json.loads(run("examples", "list", "--model", "other", "--json").stdout)["examples"]
    assert [(one["text"], one["intent"]) for one in listed] == [
        (one["text"], one["intent"]) for one in _examples(run)
    ]  # fmt: skip


def test_an_export_goes_to_standard_output_unless_told(run: Any) -> None:
    run("examples", "import", "--model", "desk", "data.csv")

    assert run("examples", "export", "--model", "desk").stdout.splitlines() == [
        '{"text": "where is my card", "intent": "card"}',
        '{"text": "i forgot my pin", "intent": "pin"}',
    ]


def test_examples_are_removed_by_id_and_by_filter(run: Any) -> None:
    run("examples", "import", "--model", "desk", "data.csv")
    first, _ = _examples(run)

    assert run("examples", "remove", "--model", "desk", "--id", first["id"]).output == "1 removed\n"
    assert run("examples", "remove", "--model", "desk", "--intent", "pin").output == "1 removed\n"
    assert _examples(run) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("remove", "--model", "desk"), "say which examples"),
        (("remove", "--model", "desk", "--id", "7"), "has no example '7'"),
        (("list", "--model", "nobody"), "there is no model 'nobody'"),
        (("list", "--model", "../x"), "is not a model name"),
        (("import", "--model", "desk", "missing.csv"), "missing.csv: cannot be read"),
        (("import", "--model", "a b", "data.csv"), "is not a model name"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(run: Any, arguments: tuple[str, ...], told: str) -> None:
    run("examples", "import", "--model", "desk", "data.csv")

    result = run("examples", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(_examples(run)) == 2


def test_a_refused_export_leaves_the_file_that_was_there(run: Any, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    assert run("examples", "export", "--model", "nobody", "--output", "out").exit_code == 2
    assert (tmp_path / "out").read_text() == "mine"


def test_the_audit_log_is_shown_newest_first(run: Any) -> None:
    run("examples", "import", "--model", "desk", "data.csv")
    run("examples", "export", "--model", "desk")

    table = run("audit", "--since", "1h")
    heading, *rows = table.stdout.splitlines()
    assert heading.startswith("UTC ")
    assert ["cli" in row and "desk" in row for row in rows] == [True, True]
    assert ["export" in rows[0], "change_examples" in rows[1]] == [True, True]
    entries = json.loads(run("audit", "--json", "--deed", "export").stdout)["entries"]
    assert [(entry["caller"], entry["model"], entry["details"]["format"]) for entry in entries] == [
        ("cli", "desk", "jsonl")
    ]
    assert json.loads(run("audit", "--json", "--model", "other").stdout)["entries"] == []


def test_a_database_that_is_away_is_told(run: Any, database: Database) -> None:
    database.take_away()

    for arguments in (("audit",), ("examples", "list", "--model", "desk")):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "cannot be used" in result.stderr

    database.bring_back()
