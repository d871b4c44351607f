"""What a pipeline is said to hold in memory is what it holds, or a little more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.families.catalogue import family_names
from app.registry.model_registry import ModelRegistry

# Loads a model again and again and tells by how much the process grew, and by how much it was said to.
MEASURE = """
import gc, json, sys
from pathlib import Path
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.footprint import footprint
from app.registry.model_registry import ModelRegistry

def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def load():
    stored = registry.load(sys.argv[2], 1, SERVED_FILES)
    return stored, load_pipeline(sys.argv[2], stored.folder, stored.files)

registry, kept = ModelRegistry(Path(sys.argv[1])), []
stored, first = load()
before = resident()
for _ in range(40):
    kept.append(load()[1])
print(json.dumps([(resident() - before) / len(kept), footprint(stored.files)]))
"""


@pytest.mark.parametrize("family", family_names())
def test_it_is_near_the_truth(family: str, family_models: ModelRegistry, python: Callable[..., Any]) -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell the memory of a process")

    done = python("-c", MEASURE, family_models.folder, f"{family}-thousand")

    assert done.returncode == 0, done.stderr
    truth, said = json.loads(done.stdout)
    assert 0.8 * truth < said < 2 * truth
