"""Every process of a machine sees at once that something about identity changed, and none needs the file for itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.storage.change_counter import ChangeCounter

INCREASE = """
import sys
from pathlib import Path
from app.storage.change_counter import ChangeCounter
counter = ChangeCounter(Path(sys.argv[1]))
for _ in range(200):
    counter.increase()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "identity-changes"


def test_a_change_is_seen_by_all_who_look_at_the_file(path: Path) -> None:
    one, other = ChangeCounter(path), ChangeCounter(path)
    before = one.read(), other.read()

    one.increase()

    assert one.read() != before[0]
    assert other.read() != before[1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_change_is_lost_that_processes_make_at_once(path: Path, root: Path) -> None:
    counter = ChangeCounter(path)
    before = counter.read()

    processes = [subprocess.Popen([sys.executable, "-c", INCREASE, path], cwd=root) for _ in range(3)]
    assert [process.wait() for process in processes] == [0] * 3

    assert counter.read() == before + 600


def test_a_file_that_was_taken_away_is_made_again_and_counts_as_a_change(path: Path) -> None:
    here, there = ChangeCounter(path), ChangeCounter(path)
    path.unlink()
    before = here.read(), there.read()

    here.increase()
    there.refresh()

    assert here.read() != before[0]
    assert there.read() != before[1]
    now = there.read()
    here.increase()
    assert there.read() != now


@pytest.mark.parametrize("content", [b"", b"abc"])
def test_a_file_that_was_cut_off_is_mended(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    here, there = ChangeCounter(path), ChangeCounter(path)
    before = there.read()

    here.increase()

    assert there.read() != before


def test_where_no_file_can_be_made_a_process_counts_alone(tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    counter = ChangeCounter(tmp_path / "no-folder" / "identity-changes")
    before = counter.read()

    counter.increase()
    counter.refresh()

    assert counter.read() == before + 1


def test_a_link_in_place_of_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "precious").write_bytes(b"precious")
    path.symlink_to(tmp_path / "precious")

    ChangeCounter(path).increase()

    assert (tmp_path / "precious").read_bytes() == b"precious"
