"""Keeps tests away from the database of the checkout, which a server may be using: theirs lies elsewhere."""

import atexit
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

LIVE = Path(__file__).resolve().parent.parent / "var" / "parley.db"


class LiveDatabaseError(RuntimeError):
    """A test that opens the database of the checkout."""


@cache
def folder_of_tests() -> str:
    """Make the folder in which what tests run in the checkout keeps its data; it goes with the test run."""
    folder = tempfile.mkdtemp(prefix="parley-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect" and str(LIVE) in str(arguments[0]):
        raise LiveDatabaseError(f"{LIVE} is no test's to open: name a folder of its own, PARLEY_VAR_DIR")


sys.addaudithook(_refuse)
