"""Tests never touch the database of the checkout, whatever they run there."""

import sqlite3

import pytest

from tests.live_database import LIVE, LiveDatabaseError

SHOW = """
from pathlib import Path
from app.settings import load_settings
print(load_settings(Path.cwd()).var_dir)
"""


def test_what_a_test_runs_keeps_its_data_elsewhere(python) -> None:
    done = python("-c", SHOW)

    assert done.returncode == 0, done.stderr
    assert str(LIVE.parent) not in done.stdout


@pytest.mark.parametrize("address", [str(LIVE), f"file:{LIVE}?mode=ro"])
def test_a_test_that_opens_the_live_database_fails(address: str) -> None:
    with pytest.raises(LiveDatabaseError):
        sqlite3.connect(address, uri=True)
