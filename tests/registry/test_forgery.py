"""A version whose digests were made right again is still refused where it lies or would run code."""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.damage_errors import DamagedModelError, UnknownFormatError, UnreadableFileError, UnsafePickleError
from app.pipeline.artifacts import OPTIONAL_FILES, SERVED_FILES, load_pipeline
from app.registry.manifest import sealed, unsealed
from app.registry.model_registry import ModelRegistry
from app.registry.verified_files import sha256
from app.service.loaded_models import LoadedModels
from app.service.model_state import ModelState

Content = dict[str, Any]


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy of the tiny models: of `tiny`, version 2 is active and 1 previous; `tinyseq` has version 1."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models"))


def entry(content: Content, file: str) -> Content:
    """Give what a manifest says about a file."""
    found: Content = next(entry for entry in content["files"].values() if entry["path"] == file)
    return found


def forge_manifest(models: Path, change: Callable[[Content], object]) -> None:
    """Change the manifest of the active version, and make its digest right again."""
    path = models / "tiny" / "2" / "manifest.json"
    content = unsealed(path.read_bytes(), "manifest")
    change(content)
    path.write_bytes(sealed(content))


def forge_file(models: Path, file: str, data: bytes) -> None:
    """Put other content into a file of the active version, and make all digests right again."""
    (models / "tiny" / "2" / file).write_bytes(data)

    forge_manifest(models, lambda content: entry(content, file).update(n_bytes=len(data), sha256=sha256(data)))


def in_memory(models: Path) -> LoadedModels:
    loaded = LoadedModels(ModelRegistry(models), "tiny")
    loaded.load_all()
    return loaded


def states(models: Path) -> dict[str, ModelState]:
    return {status.name: status.state for status in in_memory(models).statuses()}


DEGRADED = {"tiny": ModelState.DEGRADED, "tinyseq": ModelState.READY}
FAILED = {"tiny": ModelState.FAILED, "tinyseq": ModelState.READY}

forged_manifests = pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        pytest.param(
            lambda content: content.update(format_version=99),
            *(UnknownFormatError, "has format version 99; this Parley reads 1"),
            id="unknown format",
        ),
        pytest.param(
            lambda content: content.update(name="tinyseq"),
            *(UnreadableFileError, "cannot be used: it says it is 'tinyseq' version 2"),
            id="another model",
        ),
        pytest.param(
            lambda content: content.update(name="../evil"),
            *(UnreadableFileError, "cannot be used: it says it is '../evil' version 2"),
            id="a name that leads out",
        ),
        pytest.param(
            lambda content: content.update(version=1),
            *(UnreadableFileError, "cannot be used: it says it is 'tiny' version 1"),
            id="another version",
        ),
        pytest.param(
            lambda content: entry(content, "model.onnx").update(path="inner/model.onnx"),
            *(UnreadableFileError, "cannot be used: 'inner/model.onnx' is not the plain name of a file"),
            id="a path with a slash",
        ),
        pytest.param(
            lambda content: entry(content, "model.onnx").update(path="../1/model.onnx"),
            *(UnreadableFileError, "cannot be used: '../1/model.onnx' is not the plain name of a file"),
            id="a path that leads out",
        ),
        pytest.param(
            lambda content: content["files"].clear() or content["facts"].pop("family"),
            *(UnreadableFileError, "cannot be used: Object missing required field `family`"),
            id="a fact too few",
        ),
    ],
)


@forged_manifests
def test_a_manifest_that_lies_is_refused_with_its_own_sentence(models, change, error, sentence):
    forge_manifest(models, change)

    with pytest.raises(error) as refusal:
        ModelRegistry(models).load("tiny", 2, ())

    assert str(refusal.value).startswith(f"tiny/2/manifest.json {sentence}")


@forged_manifests
def test_a_manifest_that_lies_degrades_its_own_model_and_no_other(models, change, error, sentence):  # noqa: ARG001
    forge_manifest(models, change)

    assert states(models) == DEGRADED


@pytest.mark.parametrize("file", sorted(SERVED_FILES - OPTIONAL_FILES))
def test_a_version_that_lists_less_than_it_is_served_from_degrades_its_own_model(models, file):
    def leave_out(content: Content) -> None:
        content["files"] = {role: listed for role, listed in content["files"].items() if listed["path"] != file}

    forge_manifest(models, leave_out)

    assert states(models) == DEGRADED


def test_a_listed_name_longer_than_the_disk_allows_degrades_its_own_model(models):
    forge_manifest(models, lambda content: entry(content, "model.onnx").update(path="x" * 300))

    assert states(models) == DEGRADED


class Shell:
    """What an attacker pickles: loading it would run a command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"mkdir '{self.folder}'",)


pickles = pytest.mark.parametrize("file", ["tokenizer.pkl", "label_encoder.pkl"])


@pickles
def test_a_pickle_that_names_a_function_is_refused_and_runs_nothing(models, tmp_path, file):
    forge_file(models, file, pickle.dumps(["hello", Shell(tmp_path / "exploited")]))
    stored = ModelRegistry(models).load("tiny", 2, SERVED_FILES)  # nothing but the unpickler stands in the way

    with pytest.raises(UnsafePickleError) as refusal:
        load_pipeline("tiny", stored.folder, stored.files)

    assert str(refusal.value) == f"tiny/2/{file} names posix.system; only plain values may stand in it"
    assert not (tmp_path / "exploited").exists()


@pickles
def test_a_pickle_that_names_a_function_degrades_its_own_model_and_runs_nothing(models, tmp_path, file):
    forge_file(models, file, pickle.dumps(Shell(tmp_path / "exploited")))

    assert states(models) == DEGRADED
    assert not (tmp_path / "exploited").exists()


@pytest.mark.parametrize(
    "aliases",
    [
        pytest.param({"active": "2", "previous": 1}, id="text"),
        pytest.param({"active": 2.0}, id="a fraction"),
        pytest.param({"active": True}, id="truth"),
        pytest.param({"active": 0}, id="zero"),
        pytest.param({"active": -1}, id="below zero"),
        pytest.param({"active": None}, id="nothing"),
        pytest.param(["active", 2], id="a list"),
        pytest.param(None, id="none at all"),
    ],
)
def test_aliases_that_do_not_map_to_versions_fail_their_own_model(models, aliases):
    (models / "tiny" / "aliases.json").write_bytes(sealed({"aliases": aliases}))

    with pytest.raises(DamagedModelError) as refusal:
        ModelRegistry(models).aliases("tiny")

    assert str(refusal.value) == "tiny/aliases.json cannot be used: it does not map aliases to versions"
    assert states(models) == FAILED


@pytest.mark.parametrize("version", [3, 10**12, 10**300], ids=["3", "10^12", "10^300"])
def test_aliases_that_lead_to_no_version_leave_the_previous_one_answering(models, version):
    (models / "tiny" / "aliases.json").write_bytes(sealed({"aliases": {"active": version, "previous": 1}}))

    assert states(models) == DEGRADED


def test_aliases_without_an_active_version_let_nothing_of_their_own_model_answer(models):
    (models / "tiny" / "aliases.json").write_bytes(sealed({"aliases": {"original": 1}}))

    assert states(models) == {**FAILED, "tiny": ModelState.INACTIVE}
