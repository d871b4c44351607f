"""Secrets come from files as containers have them, and a file that cannot be one is refused by name, unquoted."""

from pathlib import Path

import pytest

from app.domain.configuration_errors import UnknownKeyError
from app.domain.errors import InvalidValueError
from app.settings import load_settings
from app.settings.values import SECRETS

GIVEN = {
    "admin_password": "right horse, wrong battery",
    "callback_secret": "callbacks are signed with these 40 letters",
    "database_url": "postgresql://parley:word@db.internal/parley",
    "queue_key": "queues are sealed with these 38 letters",
    "redis_url": "redis://:word@cache.internal:6379/0",
    "signing_key": "manifests are signed with these 39 ones",
}


def _file(folder: Path, content: bytes) -> dict[str, str]:
    (folder / "secret").write_bytes(content)
    return {"PARLEY_ADMIN_PASSWORD_FILE": str(folder / "secret")}


@pytest.mark.parametrize("key", sorted(SECRETS))
def test_every_secret_may_stand_in_a_file(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_text(GIVEN[key] + "\n")

    settings = load_settings(tmp_path, environment={f"PARLEY_{key.upper()}_FILE": str(tmp_path / "secret")})

    assert getattr(settings, key) == GIVEN[key]
    assert GIVEN[key] not in repr(settings)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_only_the_last_end_of_a_line_is_left_out(tmp_path: Path, end: bytes) -> None:
    settings = load_settings(tmp_path, environment=_file(tmp_path, b" two words that are long " + end))

    assert settings.admin_password == " two words that are long "


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    environment = {**_file(tmp_path, b"a word that is MARKED"), "PARLEY_ADMIN_PASSWORD": "another that is MARKED"}

    with pytest.raises(InvalidValueError, match="PARLEY_ADMIN_PASSWORD and PARLEY_ADMIN_PASSWORD_FILE") as refusal:
        load_settings(tmp_path, environment=environment)

    assert "MARKED" not in str(refusal.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe", b"x" * 65_537], ids=["empty", "a line", "no text", "long"]
)
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidValueError, match="PARLEY_ADMIN_PASSWORD_FILE: the file that it names"):
        load_settings(tmp_path, environment=_file(tmp_path, content))


@pytest.mark.parametrize("path", ["absent", ".", "\0"], ids=["absent", "a folder", "no path"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidValueError, match="PARLEY_REDIS_URL_FILE: the file that it names cannot be read"):
        load_settings(tmp_path, environment={"PARLEY_REDIS_URL_FILE": str(tmp_path / path)})


def test_a_slip_in_the_name_is_refused_and_what_is_no_secret_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownKeyError, match="PARLEY_REDIS_URL_FILE"):
        load_settings(tmp_path, environment={"PARLEY_REDIS_URL_FIL": "/run/secrets/redis"})

    settings = load_settings(tmp_path, environment={"PARLEY_PORT_FILE": "/run/port"})

    assert settings.port == 8080
