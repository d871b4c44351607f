"""Versions leave as archives and come back, and none comes that cannot answer."""

from pathlib import Path

import pytest

from app.domain.audit import Deed
from app.domain.version_errors import (
    UnservableVersionError,
    UnusableArchiveError,
)
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.versions import Versions
from tests.deeds import ListedDeeds
from tests.published_versions import answers, exported, published, wired
from tests.registries import flip_a_bit, network_that_gives


@pytest.mark.parametrize("exported_one", [("tiny", 2), ("tinyseq", 1)])
def test_a_version_exported_and_imported_into_an_empty_registry_answers_the_same(
    versions: Versions, store: ModelRegistry, deeds: ListedDeeds, tmp_path: Path, exported_one: tuple[str, int]
) -> None:
    name, version = exported_one
    elsewhere = ModelRegistry(tmp_path / "elsewhere")
    there = wired(elsewhere, deeds)

    manifest, aliases = there.import_("copy", exported(versions, name, version), "bob")

    assert (manifest.version, aliases) == (1, {"original": 1, "active": 1})
    assert answers(elsewhere, there, name="copy") == answers(store, versions, str(version), name)
    assert [told[:4] for told in deeds.told] == [
        ("ada", Deed.EXPORT, name, version),
        ("bob", Deed.IMPORT, "copy", 1),
        ("bob", Deed.ACTIVATE, "copy", 1),
    ]


def test_a_version_imported_beside_an_active_one_does_not_answer_unasked(versions: Versions) -> None:
    manifest, aliases = versions.import_("tiny", exported(versions), "bob")

    assert (manifest.version, aliases["active"]) == (3, 2)
    assert versions.import_("tiny", exported(versions), "bob", activate=True)[1]["active"] == 4
    assert versions.import_("new", exported(versions), "bob", activate=False)[1] == {"original": 1}


def test_which_job_made_a_version_means_nothing_elsewhere(versions: Versions, store: ModelRegistry) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    facts = type(stored.manifest.facts)(
        **{
            **{field: getattr(stored.manifest.facts, field) for field in stored.manifest.facts.__struct_fields__},
            "job": "a-job",
            "parent": 1,
        }
    )
    version = store.publish("tiny", stored.files, facts, activate=False).version

    for number in (4, 5):  # were the job kept, the second would be taken for the first
        imported, _ = versions.import_("tiny", exported(versions, version=version), "bob")
        assert (imported.version, imported.facts.job, imported.facts.parent) == (number, None, None)


def test_an_archive_of_what_cannot_answer_is_not_published(
    versions: Versions, store: ModelRegistry, tmp_path: Path
) -> None:
    archive = exported(versions, version=published(store, model_onnx=network_that_gives(float("nan"))))
    elsewhere = ModelRegistry(tmp_path / "elsewhere")

    with pytest.raises(UnusableArchiveError, match="not finite"):
        wired(elsewhere, ListedDeeds()).import_("copy", archive, "bob")

    assert elsewhere.names() == []


def test_an_archive_whose_pickle_would_run_code_is_not_published(
    versions: Versions, store: ModelRegistry, tmp_path: Path
) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    evil = b"cposix\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    version = store.publish(
        "tiny", {**stored.files, "label_encoder.pkl": evil}, stored.manifest.facts, activate=False
    ).version

    with pytest.raises(UnusableArchiveError, match=r"names posix\.system"):
        versions.import_("copy", exported(versions, version=version), "bob")

    assert not (tmp_path / "ran").exists()
    assert "copy" not in store.names()


def test_a_damaged_version_is_not_exported(versions: Versions, store: ModelRegistry, deeds: ListedDeeds) -> None:
    flip_a_bit(store.folder / "tiny/1/dataset.jsonl.gz")

    with pytest.raises(UnservableVersionError, match=r"dataset\.jsonl\.gz has changed"):
        exported(versions, version=1)

    assert deeds.told == []
