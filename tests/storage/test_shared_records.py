"""Records are the same for every process that sees them, and no process can keep the others from them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.storage.shared_records import SharedRecords

SHELF = 5
# Counts up to a number in the first bytes of a record, others at its side; between two counts it does something else.
COUNT = """
import struct, sys
from app.storage import shared_records

shared_records._WAITS_S = 60  # nobody hangs here, however busy the machine is
records = shared_records.SharedRecords(8, int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with records.locked(5):
        begin = records.find(5, 77) or records.make(5, 77)
        (count,) = struct.unpack_from("Q", records.memory, begin)
        struct.pack_into("Q", records.memory, begin, count + 1)
    sum(range(5_000))
"""
HOLD = """
import sys, time
from app.storage.shared_records import SharedRecords

with SharedRecords(8, int(sys.argv[1])).locked(5):
    print("held", flush=True)
    time.sleep(1_000)
"""

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def fd() -> Iterator[int]:
    fd = os.memfd_create("test")
    yield fd
    os.close(fd)


@pytest.fixture
def run(fd: int, root: Path) -> Iterator[Run]:
    """Run a program beside this one, over the same memory: `run(COUNT, 100)`."""
    running: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, *map(str, (fd, *arguments))]
        running.append(subprocess.Popen(command, cwd=root, pass_fds=[fd], stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _count(records: SharedRecords) -> int:
    begin = records.find(SHELF, 77)
    assert begin is not None
    return int.from_bytes(records.memory[begin : begin + 8], sys.byteorder)


def test_what_several_processes_count_is_all_counted(fd: int, run: Run) -> None:
    counting = [run(COUNT, 2_000) for _ in range(3)]

    assert [process.wait() for process in counting] == [0, 0, 0]
    assert _count(SharedRecords(8, fd)) == 6_000


def _hold(run: Run) -> subprocess.Popen[str]:
    holding = run(HOLD)
    assert holding.stdout is not None
    assert holding.stdout.readline() == "held\n"
    return holding


def test_a_process_that_dies_gives_back_what_it_held(fd: int, run: Run) -> None:
    holding = _hold(run)
    holding.kill()
    holding.wait()

    with SharedRecords(8, fd).locked(SHELF) as records:
        assert records.is_locked


def test_a_process_that_hangs_keeps_nobody_waiting(fd: int, run: Run) -> None:
    _hold(run).send_signal(signal.SIGSTOP)

    with SharedRecords(8, fd).locked(SHELF) as records:  # it goes on, though it hangs on
        assert not records.is_locked


def test_another_shelf_can_be_had_meanwhile(fd: int, run: Run) -> None:
    _hold(run)

    with SharedRecords(8, fd).locked(SHELF + 1) as records:
        assert records.is_locked


def test_a_full_shelf_gives_up_the_record_that_ends_first() -> None:
    records = SharedRecords(8)
    tags = range(1, 1_000)
    for tag in tags:
        records.keep_until(records.make(SHELF, tag), 2_000 if tag == 3 else 1_000 + tag)

    kept = [tag for tag in tags if records.find(SHELF, tag) is not None]

    assert 3 in kept
    assert kept[1:] == [*tags[-len(kept) + 1 :]]


def test_a_new_record_is_of_zeros_whatever_was_there() -> None:
    records = SharedRecords(8)
    for tag in range(1, 1_000):
        begin = records.make(SHELF, tag)
        assert records.memory[begin : begin + 8] == bytes(8)
        records.memory[begin : begin + 8] = b"\xff" * 8


def test_no_shelf_reaches_into_another() -> None:
    records = SharedRecords(8)
    for tag in range(1, 100):
        records.make(SHELF, tag)

    assert all(records.find(shelf, tag) is None for shelf in (SHELF - 1, SHELF + 1) for tag in range(1, 100))


def test_processes_that_are_told_another_size_do_not_shrink_what_is_there(fd: int) -> None:
    SharedRecords(200, fd)

    SharedRecords(8, fd)

    assert SharedRecords(200, fd).find(SHELF, 1) is None
