"""The administrator's password hash is kept whole, in one file that only its owner can read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.credential_file import CredentialFile

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"


@pytest.fixture
def credentials(tmp_path: Path) -> CredentialFile:
    return CredentialFile(tmp_path / "var" / "admin-password.argon2")


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a process leaves out of the modes of its new files, as a start script may have set it."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_nothing_is_kept_at_first(credentials: CredentialFile) -> None:
    assert credentials.read() is None


def test_what_was_kept_is_read(credentials: CredentialFile) -> None:
    credentials.write(HASH)

    assert credentials.read() == HASH


def test_another_object_for_the_same_place_reads_it_too(credentials: CredentialFile) -> None:
    credentials.write(HASH)

    assert CredentialFile(credentials.path).read() == HASH


def test_a_later_hash_takes_the_place_of_the_one_before(credentials: CredentialFile) -> None:
    credentials.write(HASH)

    credentials.write("later")

    assert credentials.read() == "later"


@pytest.mark.usefixtures("umask")
def test_only_the_owner_can_read_it(credentials: CredentialFile) -> None:
    credentials.write(HASH)

    assert stat.S_IMODE(credentials.path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_by_the_next_write(credentials: CredentialFile) -> None:
    credentials.write(HASH)
    credentials.path.chmod(0o644)

    credentials.write("later")

    assert stat.S_IMODE(credentials.path.stat().st_mode) == 0o600


def test_nothing_else_is_left_beside_it(credentials: CredentialFile) -> None:
    credentials.write(HASH)
    credentials.write("later")

    assert list(credentials.path.parent.iterdir()) == [credentials.path]


def test_an_empty_file_is_as_good_as_none(credentials: CredentialFile) -> None:
    credentials.path.parent.mkdir()
    credentials.path.write_text("\n")

    assert credentials.read() is None


def test_a_link_in_its_place_is_replaced_and_what_it_points_to_is_let_alone(
    credentials: CredentialFile, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    credentials.path.parent.mkdir()
    credentials.path.symlink_to(tmp_path / "elsewhere")

    credentials.write(HASH)

    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not credentials.path.is_symlink()
