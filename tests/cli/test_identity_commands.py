"""`python -m app users`, `keys` and `clients`: what pages do, from the command line, known to servers at once."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from app.bootstrap.identity import wire_identity
from app.domain.errors import AuthenticationError
from app.service.identity.identity import Identity
from app.settings import load_settings

Run = Callable[..., Result]
ADAS = "four words of hers"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type a command; `typed` is what stands on standard input."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"COLUMNS": "300"})

    def type_in(*arguments: str, typed: str | None = None) -> Result:
        return runner.invoke(main, arguments, input=typed)

    return type_in


@pytest.fixture
def ada(run: Run) -> str:
    added = run("users", "add", "ada", "--scope", "predict", "--model", "tiny", "--password-stdin", typed=f"{ADAS}\n")
    assert (added.exit_code, added.output) == (0, "ada may come in\n")
    return "ada"


@pytest.fixture
def serving(tmp_path: Path) -> Any:
    """Identity as a server has it."""
    with closing(wire_identity(load_settings(tmp_path, environment={}))) as identity:
        yield identity


def listed(run: Run, what: str, *arguments: str) -> list[dict[str, Any]]:
    result = run(what, "list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout)[what])


@pytest.mark.usefixtures("ada")
def test_users_are_listed_with_what_they_may_do(run: Run) -> None:
    assert [(one["name"], one["scopes"], one["models"]) for one in listed(run, "users")] == [
        ("ada", ["predict"], ["tiny"]), ("admin", ["admin"], None),
    ]  # fmt: skip
    assert "ada" in run("users", "list").output


@pytest.mark.usefixtures("ada")
def test_a_change_is_known_to_a_server_at_once(run: Run, serving: Identity) -> None:
    serving.remember("proof", serving.check_password("ada", ADAS, ""), serving.as_of())
    assert serving.recall("proof") is not None

    run("users", "change", "ada", "--scope", "train", "--all-models")
    assert serving.recall("proof") is None
    assert serving.check_password("ada", ADAS, "").scopes == {"train"}

    assert run("users", "disable", "ada").output == "ada is disabled\n"
    with pytest.raises(AuthenticationError):
        serving.check_password("ada", ADAS, "")
    assert run("users", "enable", "ada").output == "ada may come in\n"
    run("users", "password", "ada", "--password-stdin", typed="another pass word\n")
    assert serving.check_password("ada", "another pass word", "").name == "ada"
    assert run("users", "delete", "ada").exit_code == 0
    assert [one["name"] for one in listed(run, "users")] == ["admin"]


def test_a_password_that_is_asked_for_is_typed_twice_and_not_shown(run: Run, serving: Identity) -> None:
    result = run("users", "add", "bob", "--scope", "predict", typed=f"{ADAS}\n{ADAS}\n")

    assert result.exit_code == 0
    assert ADAS not in result.output
    assert serving.check_password("bob", ADAS, "").name == "bob"


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("users", "add", "Ada", "--scope", "predict", "--password-stdin"), ADAS, "is not a user name"),
        (("users", "add", "ada", "--scope", "predict", "--password-stdin"), "short", "has 5 characters"),
        (("users", "add", "ada", "--password-stdin"), ADAS, "at least one scope"),
        (("users", "delete", "admin"), None, "always there"),
        (("users", "disable", "nobody.here"), None, "there is no user"),
        (("keys", "create", "nobody.here", "a bot", "--scope", "predict"), None, "there is no user"),
        (("clients", "revoke", "ffff"), None, "there is no client"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    run: Run, arguments: tuple[str, ...], typed: str | None, told: str
) -> None:
    result = run(*arguments, typed=typed)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_a_key_is_printed_once_alone_on_standard_output(run: Run, ada: str, serving: Identity) -> None:
    made = run("keys", "create", ada, "a bot", "--scope", "predict", "--model", "tiny", "--expires-in", "30")
    secret = made.stdout.strip()
    assert "shown this once" in made.stderr
    [key] = listed(run, "keys", "--user", ada)
    assert serving.check_bearer(secret).name == f"key:{key['prefix']}"

    rotated = json.loads(run("keys", "rotate", key["id"], "--json").stdout)
    assert rotated["key"]["id"] == key["id"]
    assert secret not in run("keys", "list").output
    for one in (secret, rotated["secret"]):
        run("keys", "revoke", key["id"])
        with pytest.raises(AuthenticationError):
            serving.check_bearer(one)
    assert "revoked" in run("keys", "list").output


def test_a_client_is_registered_rotated_and_revoked(run: Run, ada: str, serving: Identity) -> None:
    wanted = ("--scope", "predict", "--model", "tiny", "--grant", "client_credentials")
    made = json.loads(run("clients", "register", ada, "a bot", *wanted, "--json").stdout)
    client, secret = made["client"]["id"], made["secret"]
    assert serving.clients.is_right_secret(client, secret)

    rotated = run("clients", "rotate", client)
    assert serving.clients.is_right_secret(client, rotated.stdout.strip())
    assert not serving.clients.is_right_secret(client, secret)
    assert run("clients", "revoke", client).output == "revoked\n"
    assert not serving.clients.is_right_secret(client, rotated.stdout.strip())
    assert [one["id"] for one in listed(run, "clients")] == [client]
    assert "revoked" in run("clients", "list").output


def test_the_audit_log_tells_who_typed_it(run: Run, ada: str) -> None:
    entries = json.loads(run("audit", "--json").stdout)["entries"]

    assert [(one["deed"], one["details"]["user"]) for one in entries] == [("create_user", ada)]
    assert "terminal" in entries[0]["caller"]
