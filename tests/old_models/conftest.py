"""What brings old models along: the command, and, for what does not need a process of its own, what that runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.__main__ import main
from app.bootstrap.reading_old_models import read
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.stored_models import StoredModels

READING = {"matrix": "count", "padding": "pre", "truncating": "pre", "abstain_unknown": False}


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., IntentPipeline]:
    """Read an old model in this process, and load what came of it."""

    def run(path: Path, **reading: Any) -> IntentPipeline:
        out = tmp_path / "out"
        out.mkdir()
        read(path, out, {**READING, **reading})
        files = {file.name: file.read_bytes() for file in out.iterdir()}
        assert files.keys() <= SERVED_FILES
        return load_pipeline("old", "old", files)

    return run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which commands are given in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def command(project: Path) -> Callable[..., Any]:
    """Run `import-model`: give what it told, or the sentence that it refused with."""

    def run(path: Path, *flags: str, name: str = "old") -> dict[str, Any] | str:
        arguments = ["import-model", str(path), name, "--models-dir", str(project / "models"), "--json", *flags]
        done = CliRunner().invoke(main, arguments)
        if done.exit_code:
            assert done.exit_code == 2, done.output + str(done.exception)
            return done.output
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return run


@pytest.fixture
def published(project: Path) -> Callable[[int], IntentPipeline]:
    """Load a version that the command published."""

    def load(version: int, name: str = "old") -> IntentPipeline:
        stored = StoredModels(project / "models").load(name, version, SERVED_FILES)
        return load_pipeline(name, stored.folder, stored.files)

    return load
