"""Counts on a disk that may be full: what finds no room is kept, told to nobody, and kills nothing."""

import errno
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.service.metrics_files import ReservedFile

MANY = [f"a key of about the length that keys have, and of its own: {number}" for number in range(3_000)]


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def kept(file: ReservedFile) -> dict[str, float]:
    return {key: file.read_value(key)[0] for key in MANY}


def test_what_is_counted_is_read_by_others_however_much_it_becomes(tmp_path: Path) -> None:
    with closing(ReservedFile(str(tmp_path / "counter_1.db"))) as counting:
        for number, key in enumerate(MANY):
            counting.write_value(key, float(number), 0.0)

    others = ReservedFile.read_all_values_from_file(str(tmp_path / "counter_1.db"))

    assert {key: value for key, value, _, _ in others} == {key: float(n) for n, key in enumerate(MANY)}
    assert [path.name for path in tmp_path.iterdir()] == ["counter_1.db"]


def test_every_block_is_there_before_it_is_written(tmp_path: Path) -> None:
    with closing(ReservedFile(str(tmp_path / "counter_1.db"))) as counting:
        for key in MANY:
            counting.write_value(key, 1.0, 0.0)

    size = (tmp_path / "counter_1.db").stat()

    assert size.st_blocks * 512 >= size.st_size


def test_a_disk_that_is_full_from_the_start_leaves_a_file_that_nobody_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "posix_fallocate", full)
    counting = ReservedFile(str(tmp_path / "counter_1.db"))

    for key in MANY:
        counting.write_value(key, 2.0, 0.0)

    assert set(kept(counting).values()) == {2.0}
    assert list(tmp_path.iterdir()) == []
    assert len(caplog.records) == 1


def test_a_disk_that_becomes_full_leaves_others_what_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counting = ReservedFile(str(tmp_path / "counter_1.db"))
    counting.write_value(MANY[0], 1.0, 0.0)
    monkeypatch.setattr(os, "posix_fallocate", full)

    for key in MANY:
        counting.write_value(key, 2.0, 0.0)

    assert set(kept(counting).values()) == {2.0}
    others = ReservedFile.read_all_values_from_file(str(tmp_path / "counter_1.db"))
    assert MANY[0] in {key for key, *_ in others}
    assert len(caplog.records) == 1
