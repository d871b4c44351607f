"""`python -m app models` and `predict`: the same as over HTTP, without a server."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from tests.registries import large_network, publish_again

Run = Callable[..., Result]


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_models, tmp_path / "models", ignore=shutil.ignore_patterns(".*")))


@pytest.fixture
def run(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type a command: `run("models", "list")`."""
    monkeypatch.chdir(tmp_path)
    assert models.is_dir()

    def type_in(*arguments: str) -> Result:
        return CliRunner(env={"COLUMNS": "300"}).invoke(main, arguments)

    return type_in


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_every_model_is_listed(run: Run) -> None:
    assert printed(run("models", "list", "--json")) == {
        "models": [
            {"name": "tiny", "active": 2, "versions": 2, "aliases": "active 2, original 1, previous 1"},
            {"name": "tinyseq", "active": 1, "versions": 1, "aliases": "active 1, original 1"},
        ]
    }


def test_the_versions_of_a_model_are_listed(run: Run) -> None:
    found = printed(run("models", "versions", "tiny", "--json"))

    assert [(one["version"], one["aliases"]) for one in found["versions"]] == [
        (2, ["active"]),
        (1, ["original", "previous"]),
    ]
    assert "original, previous" in run("models", "versions", "tiny").stdout


def test_a_version_is_activated_and_rolled_back(run: Run) -> None:
    assert printed(run("models", "activate", "tiny", "1", "--json"))["aliases"]["active"] == 1
    assert printed(run("models", "rollback", "tiny", "--json"))["aliases"] == {
        "original": 1,
        "active": 2,
        "previous": 1,
    }


def test_a_version_that_is_worse_ends_it_with_1_and_what_is_worse_unless_forced(
    run: Run, models: Path, tiny_data: Path
) -> None:
    printed(run("models", "checks", "tiny", "--test", str(tiny_data), "--json"))
    silent = publish_again(models, model_onnx=large_network(0.0, 1))
    run("models", "rollback", "tiny")

    refused = run("models", "activate", "tiny", str(silent))

    assert refused.exit_code == 1
    assert "intent 'weather': 0 of 8 test texts are right" in refused.stderr
    assert printed(run("models", "activate", "tiny", str(silent), "--force", "--json"))["aliases"]["active"] == silent


def test_an_alias_is_set_and_removed(run: Run) -> None:
    assert printed(run("models", "alias", "tiny", "staging", "1", "--json"))["aliases"]["staging"] == 1
    assert "staging" not in printed(run("models", "alias", "tiny", "staging", "--remove", "--json"))["aliases"]
    assert run("models", "alias", "tiny", "staging").exit_code == 2


def test_a_version_is_deleted_and_one_with_an_alias_is_not(run: Run, models: Path) -> None:
    publish_again(models)
    publish_again(models)

    assert run("models", "delete", "tiny", "2").exit_code == 0
    refused = run("models", "delete", "tiny", "1")

    assert (refused.exit_code, refused.stderr) == (
        1,
        "version 1 of model 'tiny' is not deleted: 'original' means it; move that first\n",
    )


def test_a_version_is_exported_and_imported_into_an_empty_registry_and_answers_the_same(
    run: Run, tmp_path: Path
) -> None:
    archive, empty = str(tmp_path / "tiny.zip"), str(tmp_path / "empty")
    assert run("models", "export", "tiny", archive).stdout == f"tiny@2 is in {archive}\n"

    printed(run("models", "--models-dir", empty, "import", "copy", archive, "--json"))

    asked = ("hello", "will it rain", "zzz", "--json", "--top-k", "4")
    there = printed(run("predict", "--models-dir", empty, "--model", "copy", *asked))
    here = printed(run("predict", "--model", "tiny@2", *asked))
    assert there["predictions"] == here["predictions"]
    assert [one["intent"] for one in here["predictions"]] == ["greeting", "weather", None]


def test_a_file_that_is_there_is_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    assert run("models", "export", "tiny", "mine").exit_code == 2
    assert (tmp_path / "mine").read_text() == "mine"


def test_an_export_that_fails_leaves_no_file(run: Run, tmp_path: Path) -> None:
    assert run("models", "export", "tiny@9", "nine.zip").exit_code == 2
    assert not (tmp_path / "nine.zip").exists()


def test_what_is_no_archive_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")

    refused = run("models", "import", "new", "x.zip")

    assert refused.exit_code == 2
    assert "the archive cannot be taken in: it is not a zip archive" in refused.stderr


def test_two_versions_are_compared(run: Run, models: Path, tiny_data: Path) -> None:
    run("models", "checks", "tiny", "--test", str(tiny_data))
    publish_again(models, model_onnx=large_network(0.0, 1))

    found = printed(run("models", "diff", "tiny", "--limit", "1", "--json"))

    assert (found["before"], found["after"], found["asked"]) == (2, 3, 32)
    assert found["different"] > 20
    assert len(found["differences"]) == 1


def test_checks_are_replaced_by_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "checks.json").write_text('{"must": [{"text": "stop", "intent": null}]}')

    found = printed(run("models", "checks", "tiny", "--file", "checks.json", "--json"))

    assert (found["number"], found["checks"]["must"]) == (1, [{"text": "stop", "intent": None}])
    assert run("models", "checks", "tiny").stdout.startswith("tiny: checks 1: 0 test texts, 1 cases; allowed are 1.0%")


@pytest.mark.parametrize("content", ['{"mist": []}', "{", "[]"])
def test_checks_that_cannot_be_read_are_refused(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "checks.json").write_text(content)

    assert run("models", "checks", "tiny", "--file", "checks.json").exit_code == 2


def test_a_terminal_is_shown_nothing_that_it_would_obey(run: Run) -> None:
    shown = run("predict", "--model", "tiny", "hello\x1b[2J").stdout

    assert "\x1b" not in shown
    assert "hello\ufffd[2J" in shown


def test_a_model_that_is_not_there_ends_it_with_2(run: Run) -> None:
    for command in (("models", "versions", "nobody"), ("predict", "--model", "nobody", "x")):
        result = run(*command)
        assert (result.exit_code, result.stderr) == (2, "there is no model 'nobody'\n")


def test_versions_from_before_there_was_a_key_are_signed_by_a_command(
    run: Run, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_SIGNING_KEY", "open sesame, " * 3)
    before = (models / "tiny/1/manifest.json").read_bytes()
    monkeypatch.setenv("PARLEY_REQUIRE_SIGNED_MODELS", "true")

    refused = run("models", "activate", "tiny", "1")
    signed = run("models", "sign", "tiny")
    taken = run("models", "activate", "tiny", "1", "--force")

    assert (refused.exit_code, signed.exit_code, taken.exit_code) == (1, 0, 0), refused.output + signed.output
    assert "tiny/1/manifest.json is not signed" in refused.output
    assert signed.output == "signed tiny: 1, 2\n"
    assert (models / "tiny/1/manifest.json").read_bytes() == before


def test_without_a_key_nothing_is_signed(run: Run) -> None:
    refused = run("models", "sign", "tiny")

    assert refused.exit_code == 2
    assert "PARLEY_SIGNING_KEY" in refused.output
