"""
Bring models of other systems into the registry.

What is a stranger's is read by a process of its own, which leaves the files of a version in a folder. They are read
here as those of any version are: by nothing that could run what stands in them.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from ..domain.damage_errors import DamagedModelError
from ..domain.job import Activation
from ..domain.model_reference import check_model_name
from ..domain.training_errors import UnimportableModelError
from ..domain.version_errors import GateRefusedError
from ..pipeline.artifacts import CONFIG, SERVED_FILES, load_pipeline
from ..registry.manifest import Facts, Manifest
from ..registry.model_registry import ModelRegistry
from ..registry.verified_files import sha256
from ..service.versions import Versions
from ..settings import Settings
from .registry import wire_registry
from .versions import wire_versions

_HASHES: Final = ("dataset", "replies", "test", "out_of_scope", "out_of_scope_test")
_PATIENCE_S: Final = 600
_LARGEST: Final = 2 << 30


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of it: a version, or a configuration that a training can begin with."""

    notes: tuple[str, ...]
    manifest: Manifest | None = None
    configuration: Path | None = None


@dataclass(frozen=True, slots=True)
class OldModels:
    """Brings them along."""

    registry: ModelRegistry
    versions: Versions
    root: Path

    def bring(self, path: Path, name: str, options: Sequence[str], caller: str) -> Brought:
        """
        Bring one along.

        Args:
            path: its folder, or the file of its pickle.
            name: of the model that it is to be here.
            options: of the command that reads it.
            caller: who wants it, for the audit log.

        Raises:
            InvalidModelNameError: no model can be named so.
            UnimportableModelError: it cannot be brought; the sentence says why.
            GateRefusedError: it is published and does not answer.
        """
        check_model_name(name)
        with tempfile.TemporaryDirectory(prefix="old-model-") as folder:
            told = self._read(path, Path(folder), options)
            notes = tuple(told["notes"])
            if told["configuration"] is not None:
                return Brought(notes, configuration=self._configure(path, name, told["configuration"], told["data"]))
            files = _files_in(Path(folder), path.name)
        try:
            pipeline = load_pipeline(name, path.name, files)
        except DamagedModelError as error:
            raise UnimportableModelError(path.name, f"what came of it cannot be served: {error}") from error
        facts = Facts(
            family=pipeline.config.family,
            input_schema={"type": "text"},
            intents=len(pipeline.label_encoder),
            examples=0,
            seed=0,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            hashes={"config": sha256(files[CONFIG]), **dict.fromkeys(_HASHES)},
            library_versions={},
            timings_s={},
            metrics={"validation": None, "test": None},
        )
        manifest = self.registry.publish(name, files, facts, activate=False)
        _, more, regressions = self.versions.activate_trained(name, manifest.version, Activation.YES, caller)
        if regressions:
            raise GateRefusedError(name, manifest.version, regressions)
        return Brought((*notes, *more), manifest)

    def _read(self, path: Path, folder: Path, options: Sequence[str]) -> dict[str, Any]:
        """Let a process of its own read it, that is given no secret and no word of what stands in the environment."""
        package = __package__.partition(".")[0]
        command = [sys.executable, "-m", package, "read-old-model", str(path.absolute()), str(folder), *options]
        where = Path(__file__).resolve().parents[2]
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command,
                cwd=folder,
                env={"PYTHONPATH": str(where), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnimportableModelError(path.name, f"it was not read within {_PATIENCE_S} s") from None
        try:
            told: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            ended = f"with exit code {done.returncode}"
            raise UnimportableModelError(
                path.name, f"the process that read it ended {ended}, and told nothing"
            ) from None
        if (problem := told.get("problem")) is not None:
            raise UnimportableModelError(told["source"], problem)
        return told

    def _configure(self, path: Path, name: str, keys: dict[str, Any], data: Sequence[str]) -> Path:
        """Write a model's configuration, and put its data where those of the others are."""
        configuration = self.root / "config" / "models" / f"{name}.yaml"
        home = self.root / "training_data" / name
        for taken in (configuration, home):
            if taken.exists():
                raise UnimportableModelError(path.name, f"{taken.relative_to(self.root)} is there already")
        home.mkdir(parents=True)
        for file in data:
            shutil.copyfile(path / file, home / file)
        placed = {key: f"training_data/{name}/{value}" if value in data else value for key, value in keys.items()}
        configuration.parent.mkdir(parents=True, exist_ok=True)
        configuration.write_text(yaml.safe_dump(placed, sort_keys=False, allow_unicode=True))
        return configuration


def _files_in(folder: Path, source: str) -> dict[str, bytes]:
    files = {}
    for path in folder.iterdir():
        if path.name not in SERVED_FILES or path.is_symlink() or path.stat().st_size > _LARGEST:
            raise UnimportableModelError(source, f"{path.name!r} is no file of a version")
        files[path.name] = path.read_bytes()
    return files


def wire_old_models(settings: Settings, root: Path) -> OldModels:
    """Put together what brings models into the registry of these settings."""
    return OldModels(wire_registry(settings), wire_versions(settings), root)
