"""
Take each control out, and see the tests fail that are to show it: `python -m tests.attacks.without_controls`.

A test says `@pytest.mark.controls("name")`: without that control it has to fail. `controls("a", "b")` are two that
protect a row in depth: each is enough, so both are taken out at once. A test may carry several such marks. Where a test
passes all the same, or fails for another reason than that what it asserts does not hold, the control is not shown.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

import pytest

from tests.attacks.controls.catalogue import CONTROLS

_ROOT: Final = Path(__file__).resolve().parents[2]
_HERE: Final = Path(__file__).resolve().parent
PLACES: Final = (
    _HERE,
    _ROOT / "tests" / "web" / "test_every_door.py",
    _ROOT / "tests" / "web" / "test_queued_route.py",
    _ROOT / "tests" / "web" / "oauth" / "test_signed_tokens.py",
    _ROOT / "tests" / "service" / "oauth" / "test_token_keys.py",
)
"""Where tests are that show controls."""
_OPTIONS: Final = ("-n0", "-q", "--no-header", "-p", "no:randomly", "--tb=no")
_SHOWN: Final = 90
_PROVED: Final = "assertion failed"


def controls_of(item: pytest.Item) -> list[tuple[str, ...]]:
    """Give the controls of a test: each set that is to be taken out at once."""
    return [tuple(sorted(mark.args)) for mark in item.iter_markers("controls")]


class _Listing:
    """Finds out which sets of controls tests name."""

    def __init__(self) -> None:
        self.sets: set[tuple[str, ...]] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.sets.update(names for item in session.items for names in controls_of(item))


class _Trial:
    """Runs the tests of one set of controls and remembers how each ended."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self.ends: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._names in controls_of(item)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report = yield
        if report.when == "call" and report.passed:
            self.ends[report.nodeid] = "passed"
        elif call.excinfo is not None:
            is_proof = report.when == "call" and call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
            told = f"{call.excinfo.typename}: {call.excinfo.value}".partition("\n")[0][:_SHOWN]
            self.ends[report.nodeid] = _PROVED if is_proof else f"{report.when} {told}"
        return report


def _trial(names: tuple[str, ...], told: Path) -> None:
    """Run in a process that these controls were taken out of: write how the tests ended."""
    trial = _Trial(names)
    pytest.main([*_OPTIONS, *map(str, PLACES)], plugins=[trial])
    told.write_text(json.dumps(trial.ends))


def _without(names: tuple[str, ...], shared: Path) -> dict[str, str]:
    """Run the tests of controls in a process without them."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "ends.json"
        environment = {
            **_environment(shared),
            "PYTHONPATH": str(_HERE / "controls" / "site"),
            "WITHOUT_CONTROLS": ",".join(names),
        }
        command = [sys.executable, "-m", "tests.attacks.without_controls", "--told", str(told), *names]
        done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
        if not told.exists():
            return {"the run itself": (done.stdout + done.stderr).strip()[-_SHOWN:]}
        ends: dict[str, str] = json.loads(told.read_text())
        return ends or {"no test": "none was run"}


def _with_all(shared: Path) -> bool:
    """Run all tests with all controls; what they make for each other is there afterwards."""
    command = [sys.executable, "-m", "pytest", *_OPTIONS, "-m", "controls", *map(str, PLACES)]
    return subprocess.run(command, cwd=_ROOT, env=_environment(shared), check=False).returncode == 0


def _environment(shared: Path) -> dict[str, str]:
    """Let runs share what is made once: to train models takes longer than all else."""
    return {**os.environ, "PARLEY_TEST_SHARED": str(shared)}  # noqa: TID251 - handed on


def _say(names: tuple[str, ...], ends: dict[str, str]) -> bool:
    """Write what came of one set; say whether each of its tests failed as it should."""
    is_shown = all(end == _PROVED for end in ends.values())
    rows = sorted({row for name in names for row in CONTROLS[name].rows}, key=lambda row: int(row[1:]))
    what = " and ".join(CONTROLS[name].what for name in names)
    print(f"{'shown' if is_shown else 'NOT SHOWN':<10}{' '.join(rows):<12}{' + '.join(names)}: {what}", flush=True)
    for test, end in sorted(ends.items()):
        if end != _PROVED:
            print(f"{'':10}{test}: {end}", flush=True)
    return is_shown


def _sets() -> list[tuple[str, ...]]:
    listing = _Listing()
    with redirect_stdout(io.StringIO()):
        pytest.main([*_OPTIONS, "--collect-only", *map(str, PLACES)], plugins=[listing])
    return sorted(listing.sets)


def main(arguments: Iterable[str]) -> int:
    """Try all sets of controls, or those that name one of the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(list(arguments))
    if chosen.told is not None:
        _trial(tuple(chosen.names), chosen.told)
        return 0
    sets = [names for names in _sets() if not chosen.names or set(chosen.names) & set(names)]
    unnamed = [] if chosen.names else sorted(CONTROLS.keys() - {name for names in sets for name in names})
    for name in unnamed:
        print(f"{'NO TEST':<10}{name}")
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(os.environ.get("PARLEY_TEST_SHARED", folder))  # noqa: TID251 - as in tests/conftest.py
        if not chosen.names and not _with_all(shared):
            print("with all controls in place there are tests that fail: nothing can be shown")
            return 1
        shown = [_say(names, _without(names, shared)) for names in sets]
    print(f"{sum(shown)} of {len(shown)} shown")
    return 0 if all(shown) and shown and not unnamed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
