"""The registry lists what was published and gives it back byte for byte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.damage_errors import LinkedFileError
from app.domain.errors import VersionNotFoundError
from app.domain.model_reference import ModelReference
from app.registry.manifest import Facts, Manifest
from app.registry.model_registry import ModelRegistry

FACTS = Facts(
    family="bow",
    input_schema={"type": "text"},
    intents=2,
    examples=4,
    seed=7,
    created_at="2030-01-02T03:04:05+00:00",
    hashes={},
    library_versions={},
    timings_s={},
    metrics={},
)

Publish = Callable[..., Manifest]


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


@pytest.fixture
def publish(registry: ModelRegistry) -> Publish:
    def publish_to(name: str = "tiny", **files: bytes) -> Manifest:
        named = {f"{role}.bin": data for role, data in files.items()} or {"a.bin": b"a"}
        return registry.publish(name, named, FACTS)

    return publish_to


def test_a_folder_that_is_not_there_holds_no_model(registry):
    assert registry.names() == []


def test_models_are_listed_by_name(registry, publish):
    for name in ("tiny", "b.2", "A-1"):
        publish(name)

    assert registry.names() == ["A-1", "b.2", "tiny"]


def test_hidden_entries_plain_files_and_empty_folders_are_no_models(registry, publish):
    publish("tiny")
    (registry.folder / ".cache").mkdir()
    (registry.folder / "README").write_text("models live here")
    (registry.folder / "empty").mkdir()

    assert registry.names() == ["tiny"]


def test_a_link_among_the_models_is_listed_so_that_loading_it_tells(registry, publish):
    publish("tiny")
    (registry.folder / "linked").symlink_to(registry.folder / "tiny")

    assert registry.names() == ["linked", "tiny"]
    with pytest.raises(LinkedFileError, match=r"^linked is a symbolic link"):
        registry.aliases("linked")


def test_what_was_published_is_loaded_byte_for_byte(registry, publish):
    manifest = publish(words=b"\x00words\xff", labels=b"")

    stored = registry.load("tiny", manifest.version, {"words.bin", "labels.bin"})

    assert stored.files == {"words.bin": b"\x00words\xff", "labels.bin": b""}
    assert stored.manifest == manifest
    assert stored.folder == "tiny/1"


def test_only_the_files_asked_for_are_kept_in_memory(registry, publish):
    publish(words=b"words", labels=b"labels")

    assert registry.load("tiny", 1, {"labels.bin", "absent.bin"}).files == {"labels.bin": b"labels"}


def test_facts_are_kept_as_they_were_stated(registry, publish):
    publish()

    assert registry.manifest("tiny", 1).facts == FACTS


def test_versions_are_numbers_and_sorted_as_such(registry, publish):
    for _ in range(11):
        publish()

    assert registry.versions("tiny") == list(range(1, 12))


def test_a_version_without_its_manifest_was_never_committed(registry, publish):
    publish()
    (registry.folder / "tiny" / "2").mkdir()

    assert registry.versions("tiny") == [1]


def test_the_number_of_a_version_is_never_given_twice(registry, publish):
    publish()
    (registry.folder / "tiny" / "2").mkdir()

    assert publish().version == 3


def test_nothing_is_left_beside_the_versions_but_hidden_files(registry, publish):
    publish()

    names = {entry.name for entry in (registry.folder / "tiny").iterdir()}
    assert {name for name in names if not name.startswith(".")} == {"1", "aliases.json"}
    assert not [name for name in names if name.startswith(".staging")]


def test_others_on_the_machine_may_read_a_version(registry, publish):
    # a temporary folder is its owner's alone; a server may run as another user
    publish()

    assert (registry.folder / "tiny" / "1").stat().st_mode & 0o777 == 0o755


def test_a_version_that_is_not_there_cannot_be_loaded(registry, publish):
    publish()

    with pytest.raises(VersionNotFoundError, match=r"^model 'tiny' has no version 2$"):
        registry.load("tiny", 2, ())


def test_a_folder_of_aliases_only_is_a_model_whose_version_is_missing(registry, publish):
    publish()
    (registry.folder / "tiny" / "1").rename(registry.folder / "gone")

    assert "tiny" in registry.names()
    with pytest.raises(VersionNotFoundError):
        registry.load("tiny", registry.resolve(ModelReference("tiny")), ())


def test_publishing_into_a_linked_folder_is_refused(registry, publish, tmp_path):
    publish("tiny")
    (tmp_path / "elsewhere").mkdir()
    (registry.folder / "linked").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LinkedFileError):
        publish("linked")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_two_files_of_one_stem_are_both_published_and_both_checked(registry):
    registry.publish("tiny", {"report.json": b"{}", "report.html": b"<p>"}, FACTS)

    assert registry.load("tiny", 1, {"report.json", "report.html"}).files == {
        "report.json": b"{}",
        "report.html": b"<p>",
    }
