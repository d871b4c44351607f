"""Under a watch, a server takes a version back that answers nothing, and leaves alone what it has no reason to."""

import json
import os
import shutil
import signal
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from tests.registries import network_that_gives
from tests.workers import ready_workers, until

LEAST = 20
WATCHED = {"PARLEY_WATCH_S": "600", "PARLEY_WATCH_LEAST": str(LEAST), "PARLEY_WORKERS": "2"}


@pytest.fixture(scope="module")
def models(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that servers and this file share; each test has a model of its own."""
    folder = tmp_path_factory.mktemp("watched") / "models"
    return Path(shutil.copytree(tiny_models, folder, ignore=shutil.ignore_patterns(".*")))


@pytest.fixture(scope="module")
def live(start_server: Callable[..., Any], models: Path) -> Any:
    return start_server(models, PARLEY_DEFAULT_MODEL="tiny", **WATCHED)


@pytest.fixture
def name(models: Path, request: pytest.FixtureRequest) -> str:
    return made(models, f"m{zlib.crc32(request.node.name.encode())}")


def made(models: Path, name: str) -> str:
    """Make a model: version 1 answers; 2, not to answer yet, answers nothing but fallbacks, and 3 as 1 does."""
    store = ModelRegistry(models)
    stored = store.load("tiny", 1, SERVED_FILES)
    nothing = {**stored.files, "model.onnx": network_that_gives(0.0)}
    for number, files in enumerate((stored.files, nothing, stored.files)):
        store.publish(name, files, stored.manifest.facts, activate=number == 0)
    return name


def activate(live: Any, name: str, version: int) -> None:
    assert live.post(f"/models/{name}/activate", {"version": version}).status == 200


def ask(live: Any, name: str, n: int = LEAST) -> None:
    """Ask each worker something, in as many requests."""
    for _ in range(n):
        assert live.post("/predict", {"model": name, "text": "will it rain"}).status == 200


def answered_by(live: Any, name: str) -> set[int]:
    asked = {"model": name, "text": "will it rain"}
    return {live.post("/predict", asked).json()["version"] for _ in range(10)}


def aliases(live: Any, name: str) -> dict[str, int]:
    told = live.get(f"/models/{name}/versions").json()["aliases"]
    return {alias: told[alias] for alias in ("active", "previous")}


def rollbacks(live: Any, name: str) -> list[Any]:
    return list(live.get(f"/audit?model={name}&deed=roll_back").json()["entries"])


def is_known(live: Any, name: str) -> bool:
    """Whether the watch has noted what answers before anything is activated."""
    _, lock = watcher(live)
    with suppress(FileNotFoundError):
        return name in json.loads(lock.with_name("watch.json").read_bytes())
    return False


def is_watched(live: Any, name: str, version: int) -> bool:
    return f"model {name!r}: version {version} is watched for 600 s" in live.log.read_text()


def begin(live: Any, name: str, version: int = 2) -> None:
    """Let a version answer that is watched from then on."""
    until(lambda: is_known(live, name))
    ask(live, name)
    until(lambda: counted(live, name, 1) >= LEAST)
    activate(live, name, version)
    until(lambda: is_watched(live, name, version))


def counted(live: Any, name: str, version: int) -> float:
    for line in live.get("/metrics").body.decode().splitlines():
        if line.startswith(f'parley_version_texts_total{{model="{name}",version="{version}"}}'):
            return float(line.rpartition(" ")[2])
    return 0


def watcher(live: Any) -> tuple[int, Path]:
    """Give the worker that holds the lock of the watch, and the lock."""
    while True:
        for pid in live.workers():
            with suppress(psutil.NoSuchProcess):
                for file in psutil.Process(pid).open_files():
                    if file.path.endswith("watch.lock") and _holds(pid, Path(file.path)):
                        return pid, Path(file.path)
        time.sleep(0.02)


def _holds(pid: int, lock: Path) -> bool:
    inode = lock.stat().st_ino
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(row[4] == str(pid) and row[5].endswith(f":{inode}") for row in rows if row[1] == "FLOCK")


def test_a_version_that_answers_nothing_is_taken_back_and_that_is_audited(live, name: str) -> None:
    begin(live, name)

    ask(live, name)

    until(lambda: aliases(live, name) == {"active": 1, "previous": 2})
    until(lambda: len(rollbacks(live, name)) == 1)
    [entry] = rollbacks(live, name)
    assert (entry["caller"], entry["version"], entry["details"]["from"]) == ("watch", 1, 2)
    assert entry["details"]["fallbacks"] == 1
    assert entry["details"]["predictions"] >= LEAST
    until(lambda: answered_by(live, name) == {1})


def test_what_there_is_no_reason_for_is_not_done_meanwhile(live, models: Path, name: str) -> None:
    hardly_asked, replaced, as_good = (made(models, f"{name}-{case}") for case in ("few", "replaced", "good"))
    begin(live, hardly_asked)
    ask(live, hardly_asked, LEAST - 1)
    begin(live, replaced)
    ask(live, replaced, LEAST - 1)
    activate(live, replaced, 3)
    ask(live, replaced)
    begin(live, as_good, 3)
    ask(live, as_good)
    begin(live, name)
    ask(live, name)

    until(lambda: aliases(live, name) == {"active": 1, "previous": 2})  # so all of them were looked at

    assert aliases(live, hardly_asked) == {"active": 2, "previous": 1}
    assert aliases(live, replaced) == {"active": 3, "previous": 2}
    assert aliases(live, as_good) == {"active": 3, "previous": 1}
    assert [rollbacks(live, one) for one in (hardly_asked, replaced, as_good)] == [[], [], []]


def test_when_the_worker_that_watches_is_killed_another_goes_on(
    start_server: Callable[..., Any], models: Path, name: str
) -> None:
    server = start_server(models, PARLEY_DEFAULT_MODEL="tiny", **WATCHED)
    ready_workers(server, 2)
    begin(server, name)
    ask(server, name, LEAST // 2)
    until(lambda: counted(server, name, 2) >= LEAST // 2)
    killed, _ = watcher(server)

    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in ready_workers(server, 2))
    ask(server, name)

    until(lambda: aliases(server, name) == {"active": 1, "previous": 2})
    assert watcher(server)[0] != killed
    until(lambda: len(rollbacks(server, name)) == 1)  # told of once it is done
