"""A log file loses no line, whoever rotates it and how many write; where it cannot be written, lines go elsewhere."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.logging_setup.log_file import LogFile

# Writes numbered lines, of which some are longer than any buffer.
WRITE = """
import logging, sys
from pathlib import Path
from app.logging_setup import log_file

name, path, n, max_bytes = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
# one notices at once what there is to rotate, the others write to what was moved aside meanwhile
log_file._LOOKS_EVERY_S = 0 if name == "a" else 0.01
log = logging.getLogger("test")
log.propagate = False
log.addHandler(log_file.LogFile(path, logging.Formatter(), max_bytes, 1000))
for number in range(n):
    log.warning("%s %d %s", name, number, "x" * (20_000 if number % 100 == 0 else 50))
"""


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[..., logging.Logger]]:
    """Open a log: `open_log(path, max_bytes, backups)`; it looks at its file before every line."""
    handlers: list[logging.Handler] = []

    def open_it(path: Path | None = None, max_bytes: int = 0, backups: int = 3) -> logging.Logger:
        log = logging.Logger("test")  # noqa: LOG001 - one that no other test has
        lines = logging.Formatter("%(levelname)s %(message)s")
        handler = LogFile(path or tmp_path / "parley.log", lines, max_bytes, backups)
        log.addHandler(handler)
        handlers.append(handler)
        return log

    yield open_it
    for handler in handlers:
        handler.close()


@pytest.fixture(autouse=True)
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.logging_setup.log_file._LOOKS_EVERY_S", 0)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_lines_are_appended(open_log, tmp_path: Path) -> None:
    (tmp_path / "parley.log").write_text("before\n")

    open_log().warning("one")
    open_log().warning("two")

    assert lines(tmp_path / "parley.log") == ["before", "WARNING one", "WARNING two"]


def test_its_folder_is_made(open_log, tmp_path: Path) -> None:
    open_log(tmp_path / "a" / "b" / "parley.log").warning("one")

    assert lines(tmp_path / "a" / "b" / "parley.log") == ["WARNING one"]


def test_others_may_not_read_it(open_log, tmp_path: Path) -> None:
    open_log()

    assert (tmp_path / "parley.log").stat().st_mode & 0o007 == 0


def test_a_file_too_large_is_moved_aside_and_the_oldest_go(open_log, tmp_path: Path) -> None:
    log = open_log(max_bytes=10, backups=2)
    for number in range(6):
        log.warning("line %d", number)

    kept = {path.name: lines(path) for path in tmp_path.iterdir()}

    assert kept == {
        "parley.log": ["WARNING line 5"], "parley.log.1": ["WARNING line 4"], "parley.log.2": ["WARNING line 3"],
    }  # fmt: skip


def test_without_backups_only_the_newest_lines_are_kept(open_log, tmp_path: Path) -> None:
    log = open_log(max_bytes=10, backups=0)
    for number in range(3):
        log.warning("line %d", number)

    assert {path.name: lines(path) for path in tmp_path.iterdir()} == {"parley.log": ["WARNING line 2"]}


def test_many_processes_may_rotate_and_lose_nothing(root: Path, tmp_path: Path) -> None:
    path, names = tmp_path / "parley.log", "abc"
    writing = [
        subprocess.Popen([sys.executable, "-c", WRITE, name, path, "3000", "200000"], cwd=root, stderr=subprocess.PIPE)
        for name in names
    ]
    assert [process.communicate()[1] for process in writing] == [b""] * 3

    written = [line.split(" ") for file in tmp_path.iterdir() for line in lines(file)]

    assert sorted((name, int(number)) for name, number, _ in written) == [
        (name, number) for name in names for number in range(3000)
    ]
    assert all(len(rest) == (20_000 if int(number) % 100 == 0 else 50) for _, number, rest in written)
    assert len([*tmp_path.iterdir()]) > 3


def test_a_file_that_somebody_else_moved_is_followed_by_a_new_one(open_log, tmp_path: Path) -> None:
    log = open_log()
    log.warning("before")
    (tmp_path / "parley.log").rename(tmp_path / "parley.log-20260131")

    log.warning("after")

    assert lines(tmp_path / "parley.log-20260131") == ["WARNING before"]
    assert lines(tmp_path / "parley.log") == ["WARNING after"]


def test_a_file_that_somebody_else_emptied_is_written_from_its_beginning(open_log, tmp_path: Path) -> None:
    log = open_log()
    log.warning("before")
    os.truncate(tmp_path / "parley.log", 0)

    log.warning("after")

    assert lines(tmp_path / "parley.log") == ["WARNING after"]


def test_a_folder_that_vanished_is_made_again(open_log, tmp_path: Path) -> None:
    log = open_log(tmp_path / "logs" / "parley.log")
    log.warning("before")
    (tmp_path / "logs" / "parley.log").unlink()
    (tmp_path / "logs").rmdir()

    log.warning("after")

    assert lines(tmp_path / "logs" / "parley.log") == ["WARNING after"]


def test_while_it_cannot_be_written_lines_go_to_standard_error(open_log, tmp_path: Path, capsys) -> None:
    log = open_log(tmp_path / "logs" / "parley.log")
    (tmp_path / "logs").rename(tmp_path / "gone")
    (tmp_path / "logs").write_text("in the way")

    log.warning("one")
    log.warning("two")
    (tmp_path / "logs").unlink()
    log.warning("three")

    told = capsys.readouterr().err.splitlines()
    path = tmp_path / "logs" / "parley.log"
    assert told == [
        f"WARNING {path} cannot be written: Not a directory; lines go to standard error meanwhile",
        "WARNING one",
        "WARNING two",
        f"WARNING {path} is written again",
    ]
    assert lines(path) == ["WARNING three"]


def test_a_file_that_cannot_be_opened_at_the_start_fails_nothing(open_log, tmp_path: Path, capsys) -> None:
    log = open_log(tmp_path)

    log.warning("one")

    assert capsys.readouterr().err.splitlines() == [
        f"WARNING {tmp_path} cannot be written: Is a directory; lines go to standard error meanwhile",
        "WARNING one",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_fails_nothing(open_log, capsys) -> None:
    log = open_log(Path("/dev/full"))

    log.warning("one")
    log.warning("two")

    assert capsys.readouterr().err.splitlines() == [
        "WARNING /dev/full cannot be written: No space left on device; lines go to standard error meanwhile",
        "WARNING one",
        "WARNING two",
    ]


def test_a_line_that_a_full_disk_cut_spoils_no_other(open_log, tmp_path: Path, monkeypatch, capsys) -> None:
    log = open_log()
    log.warning("before")
    write = os.write
    room = [len(b"WARNING cut"), 0]

    def write_what_fits(fd: int, data: bytes) -> int:
        n = room.pop(0)
        if not n:
            raise OSError(28, "No space left on device")
        return write(fd, data[:n])

    with monkeypatch.context() as full:
        full.setattr(os, "write", write_what_fits)
        log.warning("cut short")
    log.warning("after")

    assert lines(tmp_path / "parley.log") == ["WARNING before", "WARNING cut", "WARNING after"]
    assert "WARNING cut short" in capsys.readouterr().err


def test_a_file_that_cannot_be_moved_aside_goes_on_growing_and_says_so_once(
    open_log, tmp_path: Path, monkeypatch, capsys
) -> None:
    log = open_log(max_bytes=10)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as folder:
        folder.setattr(Path, "replace", refuse)
        for number in range(3):
            log.warning("line %d", number)
    log.warning("line 3")

    assert lines(tmp_path / "parley.log.1") == [f"WARNING line {number}" for number in range(3)]
    assert lines(tmp_path / "parley.log") == ["WARNING line 3"]
    assert capsys.readouterr().err.count("cannot be moved aside, and goes on growing: Permission denied") == 1


def test_arguments_that_do_not_fit_a_message_fail_nothing(open_log, tmp_path: Path, capsys) -> None:
    log = open_log()

    log.warning("%d", "many")
    log.warning("after")

    assert lines(tmp_path / "parley.log") == ["WARNING after"]
    assert "Logging error" in capsys.readouterr().err


def test_nobody_left_to_be_told_fails_nothing(open_log, monkeypatch) -> None:
    log = open_log(Path("/dev/full"))
    monkeypatch.setattr(sys, "stderr", open(os.devnull, "w"))  # noqa: SIM115, PTH123
    sys.stderr.close()

    log.warning("one")


def test_lines_after_the_end_are_written_all_the_same(open_log, tmp_path: Path) -> None:
    log = open_log()
    log.handlers[0].close()

    log.warning("one")

    assert lines(tmp_path / "parley.log") == ["WARNING one"]
