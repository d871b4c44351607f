"""The key of the queue is made once, whoever comes first, and is for its owner alone."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.domain.storage_errors import StorageUnavailableError
from app.storage.queue_key_file import QueueKeyFile

MANY = 8
MAKE = """
import sys
from pathlib import Path
from app.storage.queue_key_file import QueueKeyFile

sys.stdin.readline()
print(QueueKeyFile(Path(sys.argv[1])).read_or_make().decode())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "queue-key"


def test_of_many_threads_one_makes_it_and_all_have_it(path: Path) -> None:
    together = Barrier(MANY)

    def read_or_make(_: int) -> bytes:
        together.wait()
        return QueueKeyFile(path).read_or_make()

    with ThreadPoolExecutor(MANY) as pool:
        keys = set(pool.map(read_or_make, range(MANY)))

    assert len(keys) == 1
    assert keys == {QueueKeyFile(path).read_or_make()}


def test_of_several_processes_one_makes_it_and_all_have_it(path: Path, root: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(path)]
    begun = [
        subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for one in begun:
        assert one.stdin is not None
        one.stdin.write("now\n")
        one.stdin.flush()
    told = [one.communicate()[0].strip() for one in begun]

    assert {key.encode() for key in told} == {QueueKeyFile(path).read_or_make()}


def test_it_is_long_and_for_its_owner_alone_and_of_each_place_another(path: Path, tmp_path: Path) -> None:
    key = QueueKeyFile(path).read_or_make()

    assert len(key) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert QueueKeyFile(tmp_path / "other").read_or_make() != key


def test_one_that_others_may_read_is_refused(path: Path) -> None:
    key = QueueKeyFile(path).read_or_make()
    path.chmod(0o640)

    with pytest.raises(StorageUnavailableError, match="chmod 600") as refused:
        QueueKeyFile(path).read_or_make()

    assert key.decode() not in str(refused.value)


@pytest.mark.parametrize("content", ["short", "k" * 31])
def test_a_file_that_holds_no_key_is_refused_and_left_as_it_is(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    path.write_text(content)

    with pytest.raises(StorageUnavailableError, match="fewer than 32"):
        QueueKeyFile(path).read_or_make()

    assert path.read_text() == content


def test_where_it_cannot_be_made_the_queue_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")

    with pytest.raises(StorageUnavailableError, match="the key of the queue"):
        QueueKeyFile(tmp_path / "var" / "queue-key").read_or_make()
