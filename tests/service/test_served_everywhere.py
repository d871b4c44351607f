"""Who waits for all workers is told when all serve a version, or which do not and why."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from app.domain.served import NotServedError, Served
from app.registry.model_registry import ModelRegistry
from app.service.served_everywhere import ServedEverywhere
from app.storage.announcement_files import AnnouncementFiles
from tests.registries import move_alias, publish_again

SEEN, OLD = (1, 2, 3), (1, 2, 2)

# Serves a registry as a worker does, but for HTTP, and says when it is ready.
WORKER = """
import sys
from pathlib import Path
from app.registry.model_registry import ModelRegistry
from app.registry.watch import RegistryWatch
from app.service.loaded_models import LoadedModels
from app.service.registry_following import RegistryFollowing
from app.storage.announcement_files import AnnouncementFiles

registry = ModelRegistry(Path(sys.argv[1]))
announcements = AnnouncementFiles(Path(sys.argv[2]))
models = LoadedModels(registry, "tiny")
RegistryFollowing(models, RegistryWatch(registry.folder), announcements, int).start(lambda: print("ready", flush=True))
sys.stdin.read()
"""

Worker = subprocess.Popen[str]


class Said:
    """Announcements of workers that need not be."""

    def __init__(self, served: Mapping[str, Mapping[str, Served]]) -> None:
        self.served = served

    def announce(self, served: Mapping[str, Served]) -> None: ...
    def withdraw(self) -> None: ...
    def of_the_living(self) -> Mapping[str, Mapping[str, Served]]:
        return self.served


@pytest.fixture
def everywhere(registry: Path, tmp_path: Path) -> ServedEverywhere:
    return ServedEverywhere(AnnouncementFiles(tmp_path / "var"), ModelRegistry(registry).aliases_signature)


@pytest.fixture
def start_worker(registry: Path, tmp_path: Path, root: Path) -> Iterator[Callable[[], Worker]]:
    """Start a process that serves the registry, and wait until it does."""
    started: list[Worker] = []

    def start() -> Worker:
        command: list[str | Path] = [sys.executable, "-c", WORKER, registry, tmp_path / "var"]
        process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait(served: Mapping[str, Mapping[str, Served]], within_s: float = 0) -> None:
    ServedEverywhere(Said(served), lambda _: SEEN).wait("tiny", 2, within_s=within_s)


def test_all_serve_it() -> None:
    wait({"pid 1": {"tiny": Served(2, SEEN)}, "pid 2": {"tiny": Served(2, SEEN), "other": Served(1, OLD)}})


def test_where_there_is_no_worker_nobody_is_waited_for() -> None:
    wait({})


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        ({"tiny": Served(1, OLD)}, "it has not taken notice"),
        ({"tiny": Served(2, OLD)}, "it has not taken notice"),
        ({}, "it has not taken notice"),
    ],
    ids=["an older version", "the version, by older aliases", "nothing"],
)
def test_who_is_late_is_named_at_the_deadline(served: Mapping[str, Served], reason: str) -> None:
    with pytest.raises(NotServedError) as refusal:
        wait({"pid 1": {"tiny": Served(2, SEEN)}, "pid 2": served})

    assert refusal.value.reasons == {"pid 2": reason}
    assert str(refusal.value) == f"version 2 of model 'tiny' is not served by every worker (pid 2: {reason})"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (Served(1, SEEN, "tiny/2/model.onnx is missing"), "tiny/2/model.onnx is missing"),
        (Served(3, SEEN), "it answers by version 3"),
    ],
    ids=["it cannot", "another one was activated"],
)
def test_who_has_taken_notice_and_answers_otherwise_is_not_waited_for(served: Served, reason: str) -> None:
    with pytest.raises(NotServedError) as refusal:
        wait({"pid 1": {"tiny": served}, "pid 2": {"tiny": Served(1, OLD)}}, within_s=1000)

    assert refusal.value.reasons == {"pid 1": reason, "pid 2": "it has not taken notice"}


def test_processes_that_serve_are_waited_for(
    registry: Path, everywhere: ServedEverywhere, start_worker: Callable[[], Worker]
) -> None:
    for _ in range(2):
        start_worker()

    everywhere.wait("tiny", publish_again(registry), within_s=100)
    move_alias(registry, "tiny", {"active": 1})
    everywhere.wait("tiny", 1, within_s=100)
    everywhere.wait("new", publish_again(registry, "new"), within_s=100)


def test_a_process_that_cannot_serve_it_says_why(
    registry: Path, everywhere: ServedEverywhere, start_worker: Callable[[], Worker]
) -> None:
    start_worker()

    version = publish_again(registry, model_onnx=b"no network")

    with pytest.raises(NotServedError, match=r"tiny/3/model\.onnx cannot be used: not a network"):
        everywhere.wait("tiny", version, within_s=100)


def test_a_process_that_hangs_is_named_and_one_that_was_killed_is_not_waited_for(
    registry: Path, everywhere: ServedEverywhere, start_worker: Callable[[], Worker]
) -> None:
    hanging, killed = start_worker(), start_worker()
    psutil.Process(hanging.pid).suspend()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    version = publish_again(registry)

    with pytest.raises(NotServedError) as refusal:
        everywhere.wait("tiny", version, within_s=0.5)

    assert refusal.value.reasons == {f"pid {hanging.pid}": "it has not taken notice"}
    psutil.Process(hanging.pid).resume()
    everywhere.wait("tiny", version, within_s=100)


def test_a_process_that_starts_serves_what_is_active_then(
    registry: Path, everywhere: ServedEverywhere, start_worker: Callable[[], Worker]
) -> None:
    version = publish_again(registry)

    start_worker()

    everywhere.wait("tiny", version, within_s=0)
