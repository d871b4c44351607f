"""What finds entities is a file of a version: verified, bounded, archived, and left out where nothing is declared."""

import io
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from app.domain.damage_errors import UnreadableFileError
from app.entities import declaration
from app.entities.declaration import entities_json, settled
from app.pipeline.artifacts import ENTITIES, SERVED_FILES, PipelineParts, load_config, load_pipeline
from app.pipeline.footprint import footprint
from app.planning.inherited import changed_config, inherited_config
from app.planning.stored_dataset import read_stored_config
from app.registry.archive import ArchivedVersion, write_archive
from app.registry.model_registry import ModelRegistry
from tests.entities.moments import WEDNESDAY

DECLARED = settled({"city": {"gazetteer": {"berlin": ["BER"]}}, "amount": {"number": "en"}}, "test")


@pytest.fixture
def files(tiny_models: Path) -> dict[str, bytes]:
    return dict(ModelRegistry(tiny_models).load("tiny", 1, SERVED_FILES).files)


@pytest.fixture
def registry(tiny_models: Path, files: Mapping[str, bytes], tmp_path: Path) -> ModelRegistry:
    """`bot` finds entities."""
    facts = ModelRegistry(tiny_models).load("tiny", 1, ()).manifest.facts
    ModelRegistry(tmp_path).publish("bot", {**files, ENTITIES: entities_json(DECLARED)}, facts)
    return ModelRegistry(tmp_path)


def test_a_version_without_them_finds_nothing_and_has_no_such_file(files) -> None:
    pipeline = load_pipeline("tiny", "tiny/1", files)
    parts = PipelineParts(
        pipeline.config, pipeline.features, pipeline.label_encoder, pipeline.calibration, pipeline.replies
    )

    assert pipeline.entities is None
    assert parts.to_files().keys() == {*files} - {"model.onnx"}
    assert b"entities" not in parts.to_files()["config.yaml"]


def test_what_was_declared_is_written_beside_the_configuration_and_found_by(files) -> None:
    known = load_pipeline("tiny", "tiny/1", files)
    config = msgspec.structs.replace(known.config, entities=DECLARED)
    written = PipelineParts(config, known.features, known.label_encoder, known.calibration, {}).to_files()
    loaded = load_pipeline("tiny", "tiny/1", {**files, **written})

    assert written["config.yaml"] == files["config.yaml"]
    assert load_config("tiny/1", written).entities == DECLARED
    assert loaded.entities is not None
    assert [one.entity for one in loaded.entities.find("2 to BER", WEDNESDAY).entities] == ["amount", "city"]
    assert loaded.config.entities == {}  # the names are in memory once


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "DecodeError"), (b"[]", "expected names"), (b'{"x": {"pattern": "("}}', "no regular expression"),
        (b'{"x": {"gazetteer": "/etc/passwd"}}', "a file is read where"), (b"[" * 100_000, "while reading it"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused(files, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFileError, match=told):
        load_pipeline("tiny", "tiny/1", {**files, ENTITIES: content})


def test_a_file_longer_than_any_is_not_even_read(files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaration, "BYTES_AT_MOST", 10)
    with pytest.raises(UnreadableFileError, match="longer than 10 bytes"):
        load_pipeline("tiny", "tiny/1", {**files, ENTITIES: entities_json(DECLARED)})


def test_names_count_for_the_memory_that_a_version_takes(files) -> None:
    names = entities_json(settled({"x": {"gazetteer": [f"place {n}" for n in range(20_000)]}}, "test"))

    assert footprint({**files, ENTITIES: names}) - footprint(files) > 5 * len(names)


def test_archives_carry_it(registry) -> None:
    archive = io.BytesIO()
    manifest = write_archive(registry, "bot", 1, archive)
    with ArchivedVersion(archive, 64 << 20) as taken:
        again = load_pipeline("bot", "archive", {path: taken[path] for path in SERVED_FILES & taken.keys()})

    assert manifest.files["entities"].path == ENTITIES
    assert again.entities is not None
    assert again.entities.names == ("city", "amount")


def test_the_next_training_finds_what_the_version_finds_unless_it_is_told_otherwise(registry, tmp_path) -> None:
    known = inherited_config(registry, tmp_path, "bot")
    changed = changed_config(known, None, {"entities": {"city": {"gazetteer": ["rome"]}, "amount": None}})

    assert known["entities"] == msgspec.to_builtins(DECLARED)
    assert read_stored_config(registry, "bot", 1).entities == DECLARED
    assert changed["entities"] == {"city": {"gazetteer": ["rome"]}}
    assert changed_config(known, "lstm", {})["entities"] == known["entities"]
