"""A process that serves one version after the other does not grow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.registries import large_network, publish_again

N_MB = 50

# Moves a model from one version to another and back, as a server would, and tells its memory on the way.
RELOAD = """
import json, sys
from pathlib import Path
from app.registry.manifest import sealed
from app.registry.model_registry import ModelRegistry
from app.runtime.heap import give_back_memory
from app.service.loaded_models import LoadedModels

def reload(n):
    for number in range(n):
        active = 1 + number % 2
        (folder / "tiny/aliases.json").write_bytes(sealed({"aliases": {"active": active}}))
        models.refresh("tiny")
        loaded = models.get("tiny")
        assert loaded.version == active
        assert loaded.pipeline.predict(["hello there"], top_k=1)[0].intent == "greeting"
    give_back_memory()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

folder = Path(sys.argv[1])
models = LoadedModels(ModelRegistry(folder), "tiny")
models.load_all()
print(json.dumps([reload(10), reload(50), models.figures().n_loaded]))
"""

# As above, and tells the most memory that the process ever held.
RELOAD_LARGE = """
import json, sys
from pathlib import Path
from app.registry.manifest import sealed
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.preload import Preload

def most():
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024

folder = Path(sys.argv[1])
models = LoadedModels(ModelRegistry(folder), "large", preload=Preload.parse("default"))
models.load_all()
before = most()
for number in range(200):
    active = 1 + number % 2
    (folder / "large/aliases.json").write_bytes(sealed({"aliases": {"active": active}}))
    models.refresh("large")
    assert models.get("large").version == active
print(json.dumps([before, most()]))
"""


def test_fifty_reloads_leave_less_than_five_megabytes(registry: Path, python: Callable[..., Any]) -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell the memory of a process")

    done = python("-c", RELOAD, registry)

    assert done.returncode == 0, done.stderr
    before, after, n_loaded = json.loads(done.stdout)
    assert n_loaded == 2 + 60
    assert after - before < 5_000_000


@pytest.mark.long
def test_two_hundred_reloads_of_a_large_model_never_hold_more_than_two(
    registry: Path, python: Callable[..., Any]
) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell the most memory that a process ever had")
    for value in (0.1, 0.2):
        publish_again(registry, "large", model_onnx=large_network(value, N_MB))

    done = python("-c", RELOAD_LARGE, registry)

    assert done.returncode == 0, done.stderr
    before, most = json.loads(done.stdout)
    assert most - before < 2 * N_MB << 20
