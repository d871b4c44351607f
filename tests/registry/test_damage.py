"""Whatever file or folder of a model is damaged is refused with its own sentence, and no other model goes with it."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.damage_errors import (
    ChangedFileError,
    DamagedModelError,
    LinkedFileError,
    MissingFileError,
    TruncatedFileError,
    UnreadableFileError,
)
from app.domain.errors import ModelUnavailableError
from app.domain.model_reference import ModelReference
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.model_state import ModelState

LISTED = (
    "calibration.json", "config.yaml", "dataset.jsonl.gz", "label_encoder.pkl", "model.onnx", "model.weights.h5",
    "report.html", "report.json", "tokenizer.pkl",
)  # fmt: skip


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    # of the first letter, so that JSON stays JSON and nothing but the digest can tell
    data[next(place for place, byte in enumerate(data) if chr(byte).isalpha() and byte < 128)] ^= 1
    path.write_bytes(data)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def remove(path: Path) -> None:
    path.unlink()


def replace_by_a_link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name(".elsewhere")))


Damage = tuple[Callable[[Path], None], type[DamagedModelError], str]

ANYWHERE: list[Damage] = [
    (flip_a_bit, ChangedFileError, "has changed since it was published: its SHA-256 is not the recorded one"),
    (remove, MissingFileError, "is missing"),
    (replace_by_a_link, LinkedFileError, "is a symbolic link; the registry follows none"),
]
OF_LISTED_FILES: list[Damage] = [*ANYWHERE, (cut_in_half, TruncatedFileError, "bytes where its manifest says")]
OF_SEALED_FILES: list[Damage] = [*ANYWHERE, (cut_in_half, UnreadableFileError, "cannot be used: it is not JSON")]

damaged_versions = pytest.mark.parametrize(
    ("file", "damage", "error", "sentence"),
    [
        pytest.param(file, *damage, id=f"{damage[0].__name__} {file}")
        for files, damages in ((LISTED, OF_LISTED_FILES), (("manifest.json",), OF_SEALED_FILES))
        for file in files
        for damage in damages
    ],
)
damaged_aliases = pytest.mark.parametrize(
    ("damage", "error", "sentence"), [pytest.param(*damage, id=damage[0].__name__) for damage in OF_SEALED_FILES]
)


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy of the tiny models: of `tiny`, version 2 is active and 1 previous; `tinyseq` has version 1."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models"))


def in_memory(models: Path) -> LoadedModels:
    """Load all models as a server does."""
    loaded = LoadedModels(ModelRegistry(models), "tiny")
    loaded.load_all()
    return loaded


def states(loaded: LoadedModels) -> dict[str, ModelState]:
    return {status.name: status.state for status in loaded.statuses()}


def test_every_file_of_a_version_takes_part(tiny_models):
    assert {entry.name for entry in (tiny_models / "tiny" / "2").iterdir()} == {*LISTED, "manifest.json"}


def test_the_copy_is_whole_before_it_is_damaged(models):
    assert states(in_memory(models)) == {"tiny": ModelState.READY, "tinyseq": ModelState.READY}


@damaged_versions
def test_the_registry_refuses_a_damaged_file_with_its_own_sentence(models, file, damage, error, sentence):
    damage(models / "tiny" / "2" / file)

    with pytest.raises(error) as refusal:
        ModelRegistry(models).load("tiny", 2, ())

    assert str(refusal.value).startswith(f"tiny/2/{file} ")
    assert sentence in str(refusal.value)


def test_a_bit_turned_over_anywhere_is_noticed(models):
    folder, chance = models / "tiny" / "2", random.Random(1)  # noqa: S311 - any places will do
    files = sorted(folder.iterdir())
    sizes = [file.stat().st_size for file in files]
    for number in range(200):  # each file in turn, then by how large it is: most bits are the network's
        file = files[number] if number < len(files) else chance.choices(files, sizes)[0]
        whole = file.read_bytes()
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)

        with pytest.raises(DamagedModelError):
            ModelRegistry(models).load("tiny", 2, ())

        file.write_bytes(whole)


@damaged_versions
def test_a_damaged_file_degrades_its_own_model_and_no_other(models, file, damage, error, sentence):  # noqa: ARG001
    damage(models / "tiny" / "2" / file)

    loaded = in_memory(models)

    assert states(loaded) == {"tiny": ModelState.DEGRADED, "tinyseq": ModelState.READY}
    assert sentence in str(loaded.status("tiny").problem)


@damaged_aliases
def test_the_registry_refuses_damaged_aliases_with_their_own_sentence(models, damage, error, sentence):
    damage(models / "tiny" / "aliases.json")

    with pytest.raises(error) as refusal:
        ModelRegistry(models).resolve(ModelReference("tiny"))

    assert str(refusal.value).startswith("tiny/aliases.json ")
    assert sentence in str(refusal.value)


@damaged_aliases
def test_damaged_aliases_fail_their_own_model_and_no_other(models, damage, error, sentence):  # noqa: ARG001
    damage(models / "tiny" / "aliases.json")

    loaded = in_memory(models)

    assert states(loaded) == {"tiny": ModelState.FAILED, "tinyseq": ModelState.READY}
    with pytest.raises(ModelUnavailableError, match=r"^model 'tiny' cannot be served: tiny/aliases\.json "):
        loaded.get("tiny")


def test_while_the_active_version_is_damaged_the_previous_one_answers(models):
    flip_a_bit(models / "tiny" / "2" / "model.onnx")

    answering = in_memory(models).get("tiny")

    assert answering.version == 1
    assert answering.pipeline.predict(["hello"], top_k=1)[0].best == "greeting"


def test_a_damaged_version_asked_for_by_number_is_not_replaced_by_another(models):
    flip_a_bit(models / "tiny" / "2" / "model.onnx")

    with pytest.raises(ModelUnavailableError, match=r"^model 'tiny@2' cannot be served: tiny/2/model\.onnx has "):
        in_memory(models).get("tiny@2")


def test_where_the_previous_version_is_damaged_too_the_model_has_failed(models):
    flip_a_bit(models / "tiny" / "2" / "model.onnx")
    flip_a_bit(models / "tiny" / "1" / "report.json")

    loaded = in_memory(models)

    assert states(loaded) == {"tiny": ModelState.FAILED, "tinyseq": ModelState.READY}
    assert str(loaded.status("tiny").problem).startswith("tiny/2/model.onnx ")


def test_a_damaged_previous_version_does_not_trouble_the_active_one(models):
    flip_a_bit(models / "tiny" / "1" / "model.onnx")

    assert states(in_memory(models)) == {"tiny": ModelState.READY, "tinyseq": ModelState.READY}


@pytest.mark.parametrize(
    ("folder", "state"), [("tiny/2", ModelState.DEGRADED), ("tiny", ModelState.FAILED)], ids=["version", "model"]
)
def test_a_link_in_place_of_a_folder_is_not_followed(models, folder, state):
    replace_by_a_link(models / folder)

    with pytest.raises(LinkedFileError, match=rf"^{folder} is a symbolic link; the registry follows none$"):
        ModelRegistry(models).load("tiny", 2, ())
    assert states(in_memory(models)) == {"tiny": state, "tinyseq": ModelState.READY}


def test_a_link_that_no_manifest_lists_is_refused(models):
    (models / "tiny" / "2" / "notes").symlink_to(models / "tiny" / "1" / "report.json")

    with pytest.raises(LinkedFileError, match=r"^tiny/2/notes is a symbolic link; the registry follows none$"):
        ModelRegistry(models).load("tiny", 2, ())


def test_a_folder_in_place_of_a_file_degrades_its_own_model_and_no_other(models):
    remove(models / "tiny" / "2" / "report.json")
    (models / "tiny" / "2" / "report.json").mkdir()

    assert states(in_memory(models)) == {"tiny": ModelState.DEGRADED, "tinyseq": ModelState.READY}


@pytest.mark.timeout(10)  # whoever opens a pipe without care waits for ever
def test_a_pipe_in_place_of_a_file_degrades_its_own_model_and_no_other(models):
    remove(models / "tiny" / "2" / "report.json")
    os.mkfifo(models / "tiny" / "2" / "report.json")

    assert states(in_memory(models)) == {"tiny": ModelState.DEGRADED, "tinyseq": ModelState.READY}
