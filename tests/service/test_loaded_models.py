"""A reference means one version; a model that cannot be served says why and leaves the others alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import (
    AliasNotFoundError,
    InvalidModelNameError,
    InvalidModelReferenceError,
    ModelNotFoundError,
    ModelNotReadyError,
    ModelUnavailableError,
    VersionNotFoundError,
)
from app.pipeline.artifacts import OPTIONAL_FILES, SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.model_state import ModelState
from tests.registries import flip_a_bit, publish_again


@pytest.fixture
def load(registry: Path) -> Callable[[], LoadedModels]:
    """Load that registry as it stands now."""

    def load_now() -> LoadedModels:
        models = LoadedModels(ModelRegistry(registry), "tiny")
        models.load_all()
        return models

    return load_now


@pytest.fixture
def models(load: Callable[[], LoadedModels]) -> LoadedModels:
    return load()


@pytest.mark.parametrize(
    ("reference", "name", "version"),
    [
        (None, "tiny", 2),
        ("tiny", "tiny", 2),
        ("tiny@active", "tiny", 2),
        ("tiny@1", "tiny", 1),
        ("tiny@previous", "tiny", 1),
        ("tiny@original", "tiny", 1),
        ("tinyseq", "tinyseq", 1),
    ],
)
def test_a_reference_means_one_version(models: LoadedModels, reference: str | None, name: str, version: int) -> None:
    loaded = models.get(reference)

    assert (loaded.name, loaded.version, loaded.manifest.version) == (name, version, version)


@pytest.mark.parametrize(
    ("reference", "error"),
    [
        ("nobody", ModelNotFoundError),
        ("tiny@3", VersionNotFoundError),
        ("tiny@latest", AliasNotFoundError),
        ("tinyseq@previous", AliasNotFoundError),
        ("../tiny", InvalidModelNameError),
        ("tiny@0", InvalidModelReferenceError),
    ],
)
def test_what_a_reference_misses_is_told(models: LoadedModels, reference: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        models.get(reference)


def test_a_version_asked_for_by_number_is_loaded_once(models: LoadedModels) -> None:
    assert models.get("tiny@1") is models.get("tiny@previous")


def test_any_number_of_versions_can_be_asked_for_in_turn(registry: Path, models: LoadedModels) -> None:
    published = [publish_again(registry) for _ in range(12)]

    assert [models.get(f"tiny@{version}").version for version in published] == published


def test_a_version_that_was_just_published_can_be_asked_for_by_number(registry: Path, models: LoadedModels) -> None:
    version = publish_again(registry)

    assert (models.get("tiny").version, models.get(f"tiny@{version}").version) == (2, 3)


def test_until_all_is_loaded_a_model_is_not_ready_rather_than_unknown(registry: Path) -> None:
    models = LoadedModels(ModelRegistry(registry), "tiny")

    assert not models.is_ready
    with pytest.raises(ModelNotReadyError):
        models.get("tiny")


def test_until_it_was_said_that_this_process_serves_nobody_is_answered(registry: Path) -> None:
    models = LoadedModels(ModelRegistry(registry), "tiny")
    told: list[str] = []

    def tell() -> None:
        told.extend(status.state for status in models.statuses())
        with pytest.raises(ModelNotReadyError):
            models.get("tiny")

    models.load_all(tell)

    assert told == ["ready", "ready"]
    assert models.get("tiny").version == 2


@pytest.mark.parametrize("folder", ["empty", "absent"])
def test_a_registry_without_models_is_ready_and_knows_none(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    models = LoadedModels(ModelRegistry(tmp_path / folder), "tiny")

    models.load_all()

    assert (models.is_ready, models.statuses()) == (True, [])
    with pytest.raises(ModelNotFoundError):
        models.get(None)


def test_a_damaged_model_says_why_and_the_others_answer(registry: Path, load: Callable[[], LoadedModels]) -> None:
    flip_a_bit(registry / "tinyseq/1/model.onnx")

    models = load()

    status = models.status("tinyseq")
    assert (status.state, status.loaded) == (ModelState.FAILED, None)
    assert "tinyseq/1/model.onnx has changed" in (status.problem or "")
    with pytest.raises(ModelUnavailableError, match=r"tinyseq/1/model\.onnx has changed"):
        models.get("tinyseq")
    assert models.get("tiny").version == 2


def test_the_previous_version_stands_in_for_a_damaged_one(registry: Path, load: Callable[[], LoadedModels]) -> None:
    flip_a_bit(registry / "tiny/2/model.onnx")

    models = load()

    assert models.get("tiny").version == 1
    assert models.status("tiny").state is ModelState.DEGRADED
    assert "tiny/2/model.onnx" in (models.status("tiny").problem or "")


def test_a_damaged_version_asked_for_by_number_is_not_answered_by_another(
    registry: Path, load: Callable[[], LoadedModels]
) -> None:
    flip_a_bit(registry / "tiny/2/model.onnx")

    with pytest.raises(ModelUnavailableError, match="tiny@2"):
        load().get("tiny@2")


def test_without_a_whole_version_a_model_has_failed(registry: Path, load: Callable[[], LoadedModels]) -> None:
    flip_a_bit(registry / "tiny/1/model.onnx")
    flip_a_bit(registry / "tiny/2/model.onnx")

    assert load().status("tiny").state is ModelState.FAILED


@pytest.mark.parametrize("reference", ["tiny", "tiny@previous", "tiny@original"])
def test_where_aliases_are_damaged_none_of_them_is_said_not_to_exist(
    registry: Path, load: Callable[[], LoadedModels], reference: str
) -> None:
    flip_a_bit(registry / "tiny/aliases.json")

    with pytest.raises(ModelUnavailableError, match=r"tiny/aliases\.json"):
        load().get(reference)


@pytest.mark.parametrize("missing", sorted(SERVED_FILES - OPTIONAL_FILES))
def test_a_version_published_without_a_file_that_serving_needs_has_failed_alone(
    registry: Path, load: Callable[[], LoadedModels], missing: str
) -> None:
    store = ModelRegistry(registry)
    stored = store.load("tinyseq", 1, SERVED_FILES)
    parts = {name: data for name, data in stored.files.items() if name != missing}
    store.publish("partial", parts, stored.manifest.facts)

    models = load()

    assert models.is_ready
    assert missing in (models.status("partial").problem or "")
    assert models.get("tinyseq").version == 1


def test_a_folder_that_is_no_models_has_failed_by_name(registry: Path, load: Callable[[], LoadedModels]) -> None:
    (registry / "my model" / "1").mkdir(parents=True)

    assert {status.name: status.state for status in load().statuses()} == {
        "my model": ModelState.FAILED,
        "tiny": ModelState.READY,
        "tinyseq": ModelState.READY,
    }
