"""Which password of the administrator holds is settled at the start."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.domain.errors import ParleyError
from app.service.identity.admin_password import settle_admin_password
from app.storage.credential_file import CredentialFile


@pytest.fixture
def credentials(tmp_path: Path) -> CredentialFile:
    return CredentialFile(tmp_path / "kept")


def opens(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except VerifyMismatchError:
        return False


def test_the_first_start_makes_a_password_that_opens(credentials: CredentialFile) -> None:
    password_hash, made = settle_admin_password(credentials, None)

    assert made is not None
    assert opens(password_hash, made)


def test_a_password_that_was_made_is_kept_as_an_argon2_hash_only(credentials: CredentialFile) -> None:
    password_hash, made = settle_admin_password(credentials, None)

    kept = credentials.path.read_text()
    assert made is not None
    assert made not in kept
    assert kept.strip() == password_hash
    assert kept.startswith("$argon2id$")


def test_a_password_that_was_made_cannot_be_guessed(tmp_path: Path) -> None:
    _, first = settle_admin_password(CredentialFile(tmp_path / "first"), None)
    _, second = settle_admin_password(CredentialFile(tmp_path / "second"), None)

    assert first is not None
    assert first != second
    assert len(first) >= 20


def test_a_later_start_keeps_the_password_and_has_none_to_show(credentials: CredentialFile) -> None:
    first_hash, _ = settle_admin_password(credentials, None)

    assert settle_admin_password(credentials, None) == (first_hash, None)


def test_a_password_given_at_the_start_wins_over_the_one_kept(credentials: CredentialFile) -> None:
    settle_admin_password(credentials, "before")

    password_hash, made = settle_admin_password(credentials, "given")

    assert made is None
    assert opens(password_hash, "given")
    assert not opens(password_hash, "before")


def test_a_password_given_once_holds_at_later_starts_without_it(credentials: CredentialFile) -> None:
    settle_admin_password(credentials, "given")

    password_hash, _ = settle_admin_password(credentials, None)

    assert opens(password_hash, "given")


def test_the_same_password_given_again_changes_nothing_on_disk(credentials: CredentialFile) -> None:
    settle_admin_password(credentials, "given")
    before = credentials.path.stat().st_ino, credentials.read()

    settle_admin_password(credentials, "given")

    assert (credentials.path.stat().st_ino, credentials.read()) == before


def test_a_password_given_at_the_start_mends_a_damaged_file(credentials: CredentialFile) -> None:
    credentials.path.write_text("not a hash")

    password_hash, _ = settle_admin_password(credentials, "given")

    assert opens(password_hash, "given")


@pytest.mark.parametrize("content", [b"not a hash", b"$argon2id$v=19$m=65536", b"\xff\xfe"])
def test_a_damaged_file_is_told_at_the_start_and_not_by_refusing_everybody(
    credentials: CredentialFile, content: bytes
) -> None:
    credentials.path.write_bytes(content)

    with pytest.raises(ParleyError):
        settle_admin_password(credentials, None)
