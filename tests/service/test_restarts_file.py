"""What a supervisor leaves word of is what its workers read."""

from pathlib import Path

from app.service.restarts_file import read_restarts, write_restarts


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    write_restarts(tmp_path, {"died": 1})
    write_restarts(tmp_path, {"died": 2, "hung": 1})

    assert read_restarts(tmp_path) == {"died": 2, "hung": 1}


def test_nothing_and_half_a_file_mean_that_nothing_was_replaced(tmp_path: Path) -> None:
    assert read_restarts(tmp_path) == {}
    (tmp_path / "restarts.json").write_text('{"died": ')
    assert read_restarts(tmp_path) == {}
