"""What tests share: small models trained once, and the bundled models."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.live_database import folder_of_tests

pytest_plugins = [
    "tests.browser", "tests.database", "tests.job_stores", "tests.prediction_stores", "tests.raw_connection",
    "tests.record_models", "tests.redis_server",
    "tests.request_log", "tests.server",
]  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent

TINY = {
    "greeting": ["hello", "hi there", "good morning", "hey you", "hello again", "good evening", "hi", "greetings"],
    "weather": [
        "will it rain", "is it sunny", "weather tomorrow", "how cold is it", "will it snow today", "rain or sun",
        "is it windy outside", "what is the weather like",
    ],
    "booking": [
        "book a table", "reserve a table for two", "i want to book", "a table for tonight", "table for four please",
        "make a reservation", "book us a table", "can i reserve",
    ],
    "bill": [
        "the bill please", "can i pay", "i would like to pay", "how much is it", "pay by card", "bring the bill",
        "what do i owe you", "separate bills please",
    ],
}  # fmt: skip


_FIRST = {name: place for place, name in enumerate(("readme", "family_models"))}


@pytest.hookimpl(tryfirst=True)  # before what reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Have the tests of a file run in one worker, so that what they share is made once.

    Those who wait for a long training wait in one worker too, and what takes longest begins first.
    """
    for item in items:
        trained = {"bundled_models", "family_models"} & set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(min(trained, default=item.path.stem)))
    items.sort(key=lambda item: _FIRST.get(_group_of(item), len(_FIRST)))
    bundled = [item for item in items if _group_of(item) == "bundled_models"]
    others = [item for item in items if _group_of(item) != "bundled_models"]
    middle = len(others) // 2  # by then they have been trained for those who came first
    items[:] = others[:middle] + bundled + others[middle:]


def _group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public test sets, which are not part of the project."""
    folder = os.environ.get("PARLEY_TEST_DATA")  # noqa: TID251
    if not folder or not Path(folder).is_dir():
        pytest.skip("the public test sets are not here: set PARLEY_TEST_DATA to their folder")
    return Path(folder)


def run_python(*arguments: object, environment: dict[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:  # fmt: skip  # noqa: E501
    """Run this environment's Python on the project, as a person at a terminal would."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PARLEY_VAR_DIR": folder_of_tests(), **(environment or {})},  # noqa: TID251
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python on the project: `python("train.py", "--help")`."""
    return run_python


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, Callable[[Path], None]], Path]:
    """
    Make a folder once for all workers of a test run: `once("name", make)`.

    `PARLEY_TEST_SHARED` names a folder for several runs, whoever empties it.
    """
    named = os.environ.get("PARLEY_TEST_SHARED")  # noqa: TID251
    shared = Path(named) if named else tmp_path_factory.getbasetemp()
    if worker_id != "master" and not named:
        shared = shared.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder = shared / name
        with FileLock(shared / f"{name}.lock"):
            if not (shared / f"{name}.made").exists():
                folder.mkdir()
                make(folder)
                (shared / f"{name}.made").touch()
        return folder

    return make_once


@pytest.fixture(scope="session")
def tiny_data(once: Callable[..., Path]) -> Path:
    """A TSV file of four intents with eight texts each."""

    def write(folder: Path) -> None:
        rows = [f"{text}\t{intent}\n" for intent, texts in TINY.items() for text in texts]
        (folder / "tiny.tsv").write_text("text\tintent\n" + "".join(rows))

    return once("tiny-data", write) / "tiny.tsv"


@pytest.fixture(scope="session")
def tiny_models(once: Callable[..., Path], tiny_data: Path) -> Iterator[Path]:
    """A registry with `tiny` (bow; versions 1 and 2) and `tinyseq` (lstm_attention); who writes to it is told."""

    def train(folder: Path) -> None:
        bag = ("--model", "tiny", "--family", "bow", "--set", "training.epochs=12")
        # all examples are one step of the default size, and words in order take more than a dozen
        sequence = ("--model", "tinyseq", "--family", "lstm_attention", "--set", "training.batch_size=4")
        for flags in (bag, bag, (*sequence, "--set", "training.epochs=20")):
            done = run_python("train.py", "--force", *flags, "--data", tiny_data, "--models-dir", folder)
            assert done.returncode == 0, done.stderr

    folder = once("tiny-models", train)
    before = _state(folder)
    yield folder
    assert _state(folder) == before, "a test has written to the registry that all share: it wants a copy of its own"


def _state(registry: Path) -> set[tuple[str, int]]:
    """Give what is published in a registry and when it was written."""
    files = (
        path
        for path in registry.rglob("*")
        if path.is_file() and not path.relative_to(registry).parts[0].startswith(".")
    )
    return {(str(path), path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="session")
def bundled_models() -> Path:
    """The registry of the bundled models; kept between test runs, trained anew where they have changed."""
    folder = ROOT / "var" / "test-models"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / "test-models.lock"):
        done = run_python("train.py", "--models-dir", folder)
    assert done.returncode == 0, done.stderr
    return folder
