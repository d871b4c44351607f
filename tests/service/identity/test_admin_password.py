"""Only the administrator with the right password is let in, and which password that is was settled at the start."""

from itertools import count
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.domain.caller import Caller, Scope
from app.domain.errors import AuthenticationError, ParleyError
from app.service.identity.identity import Identity, settle_admin_password
from app.storage.credential_file import CredentialFile

# argon2's smallest cost: what is tested is who gets in, not how long it takes
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "naïve:pass wörd 🗝"


@pytest.fixture
def identity() -> Identity:
    return Identity(_QUICK.hash(PASSWORD))


@pytest.fixture
def credentials(tmp_path: Path) -> CredentialFile:
    return CredentialFile(tmp_path / "kept")


def test_the_right_password_makes_the_administrator(identity: Identity) -> None:
    assert identity.authenticate("admin", PASSWORD) == Caller("admin", frozenset({Scope.ADMIN}), user="admin")


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("admin", "wrong"),
        ("admin", ""),
        ("admin", PASSWORD + " "),
        ("admin", PASSWORD.upper()),
        ("admin", "\ud800"),
        ("admin", "x" * 100_000),
        ("Admin", PASSWORD),
        ("", PASSWORD),
        ("admin\0", PASSWORD),
        ("\ud800", PASSWORD),
    ],
)
def test_anything_else_is_refused(identity: Identity, user: str, password: str) -> None:
    with pytest.raises(AuthenticationError):
        identity.authenticate(user, password)


@pytest.mark.parametrize(("user", "password"), [("admin", "wrong"), ("root", PASSWORD), ("", "")])
def test_a_proof_that_was_accepted_lets_no_other_in(identity: Identity, user: str, password: str) -> None:
    identity.authenticate("admin", PASSWORD)

    with pytest.raises(AuthenticationError):
        identity.authenticate(user, password)


def test_a_refused_proof_is_refused_again(identity: Identity) -> None:
    with pytest.raises(AuthenticationError):
        identity.authenticate("admin", "wrong")

    with pytest.raises(AuthenticationError):
        identity.authenticate("admin", "wrong")


def test_the_right_password_is_accepted_long_after_it_was_first_given() -> None:
    hours = count()
    identity = Identity(_QUICK.hash(PASSWORD), clock=lambda: 3600.0 * next(hours))
    identity.authenticate("admin", PASSWORD)

    assert identity.authenticate("admin", PASSWORD).name == "admin"


def test_which_of_user_and_password_was_wrong_is_not_told(identity: Identity) -> None:
    with pytest.raises(AuthenticationError) as wrong_user:
        identity.authenticate("root", PASSWORD)
    with pytest.raises(AuthenticationError) as wrong_password:
        identity.authenticate("admin", "wrong")

    assert str(wrong_user.value) == str(wrong_password.value)


def test_the_first_start_makes_a_password_that_opens(credentials: CredentialFile) -> None:
    password_hash, made = settle_admin_password(credentials, None)

    assert made is not None
    assert Identity(password_hash).authenticate("admin", made).name == "admin"


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
    assert Identity(password_hash).authenticate("admin", "given").name == "admin"
    with pytest.raises(AuthenticationError):
        Identity(password_hash).authenticate("admin", "before")


def test_a_password_given_once_holds_at_later_starts_without_it(credentials: CredentialFile) -> None:
    settle_admin_password(credentials, "given")

    password_hash, _ = settle_admin_password(credentials, None)

    assert Identity(password_hash).authenticate("admin", "given").name == "admin"


def test_the_same_password_given_again_changes_nothing_on_disk(credentials: CredentialFile) -> None:
    settle_admin_password(credentials, "given")
    before = credentials.path.stat().st_ino, credentials.read()

    settle_admin_password(credentials, "given")

    assert (credentials.path.stat().st_ino, credentials.read()) == before


def test_a_password_given_at_the_start_mends_a_damaged_file(credentials: CredentialFile) -> None:
    credentials.path.write_text("not a hash")

    password_hash, _ = settle_admin_password(credentials, "given")

    assert Identity(password_hash).authenticate("admin", "given").name == "admin"


@pytest.mark.parametrize("content", [b"not a hash", b"$argon2id$v=19$m=65536", b"\xff\xfe"])
def test_a_damaged_file_is_told_at_the_start_and_not_by_refusing_everybody(
    credentials: CredentialFile, content: bytes
) -> None:
    credentials.path.write_bytes(content)

    with pytest.raises(ParleyError):
        settle_admin_password(credentials, None)
