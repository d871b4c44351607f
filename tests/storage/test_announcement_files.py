"""What a worker says is read whole, and no more once the worker has ended, however it has."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.served import Served
from app.storage.announcement_files import AnnouncementFiles

SERVED = {"tiny": Served(2, (1, 2, 3)), "broken": Served(None, (4, 5, 6), "it is broken")}

# Says what it serves, and then whatever is wanted of it: a line is another version, the end of input its own end.
WORKER = """
import sys
from pathlib import Path
from app.domain.served import Served
from app.storage.announcement_files import AnnouncementFiles

announcements = AnnouncementFiles(Path(sys.argv[1]))
announcements.announce({"tiny": Served(1, (1, 2, 3))})
print("said", flush=True)
for line in sys.stdin:
    announcements.announce({"tiny": Served(int(line), (1, 2, 3))})
    print("said", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "serving"


@pytest.fixture
def start_worker(folder: Path, root: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start a process that has said what it serves."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, folder], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "said\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def files(folder: Path) -> list[str]:
    return sorted(file.suffix for file in folder.iterdir())


def test_where_nobody_has_said_anything_nobody_lives_and_nothing_is_made(folder: Path) -> None:
    assert AnnouncementFiles(folder).of_the_living() == {}
    assert not folder.exists()


def test_what_is_said_is_read_by_others_and_oneself(folder: Path) -> None:
    announcements = AnnouncementFiles(folder)

    announcements.announce(SERVED)

    assert list(announcements.of_the_living().values()) == [SERVED]
    assert list(AnnouncementFiles(folder).of_the_living().values()) == [SERVED]


def test_what_is_said_takes_the_place_of_what_was_said_before(folder: Path) -> None:
    announcements = AnnouncementFiles(folder)
    announcements.announce(SERVED)

    announcements.announce({"tiny": Served(3, (7, 8, 9))})

    assert list(announcements.of_the_living().values()) == [{"tiny": Served(3, (7, 8, 9))}]
    assert files(folder) == [".json", ".life"]


def test_who_withdraws_is_gone_and_may_come_back(folder: Path) -> None:
    announcements = AnnouncementFiles(folder)
    announcements.announce(SERVED)

    announcements.withdraw()

    assert (announcements.of_the_living(), files(folder)) == ({}, [])
    announcements.announce(SERVED)
    assert list(announcements.of_the_living().values()) == [SERVED]


def test_a_worker_that_is_killed_is_gone_and_its_files_are_swept(
    folder: Path, start_worker: Callable[[], subprocess.Popen[str]]
) -> None:
    worker, other = start_worker(), start_worker()
    announcements = AnnouncementFiles(folder)
    assert set(announcements.of_the_living()) == {f"pid {worker.pid}", f"pid {other.pid}"}

    worker.kill()
    worker.wait()

    assert set(announcements.of_the_living()) == {f"pid {other.pid}"}
    assert files(folder) == [".json", ".life"]


def test_a_worker_that_begins_sweeps_what_the_dead_have_left(
    folder: Path, start_worker: Callable[[], subprocess.Popen[str]]
) -> None:
    worker = start_worker()
    worker.kill()
    worker.wait()
    assert files(folder) == [".json", ".life"]

    AnnouncementFiles(folder).announce(SERVED)

    assert files(folder) == [".json", ".life"]


def test_a_reader_never_sees_half_of_what_is_said(
    folder: Path, start_worker: Callable[[], subprocess.Popen[str]]
) -> None:
    worker = start_worker()
    assert worker.stdin is not None
    worker.stdin.write("".join(f"{version}\n" for version in range(2, 1000)))
    worker.stdin.flush()
    announcements, seen = AnnouncementFiles(folder), [1]

    while seen[-1] != 999:
        [said] = announcements.of_the_living().values()
        assert said["tiny"].version is not None
        seen.append(said["tiny"].version)

    assert seen == sorted(seen)


def test_what_is_no_announcement_is_passed_over(folder: Path) -> None:
    announcements = AnnouncementFiles(folder)
    announcements.announce(SERVED)
    [said] = folder.glob("*.json")

    said.write_text('{"tiny": 7}')
    (folder / "stray").write_text("")

    assert announcements.of_the_living() == {}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")

    with pytest.raises(OSError, match="var"):
        AnnouncementFiles(tmp_path / "var" / "serving").announce(SERVED)
