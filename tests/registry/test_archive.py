"""A version survives the way through an archive byte for byte; an archive that means harm comes to nothing."""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from app.domain.damage_errors import ChangedFileError
from app.domain.errors import VersionNotFoundError
from app.domain.version_errors import ArchiveTooLargeError, UnusableArchiveError
from app.registry.archive import ArchivedVersion, write_archive
from app.registry.manifest import sealed, to_bytes, unsealed
from app.registry.model_registry import ModelRegistry
from tests.registries import flip_a_bit

LIMIT = 64 << 20

Members = dict[str, bytes]


@pytest.fixture
def registry(tiny_models: Path) -> ModelRegistry:
    return ModelRegistry(tiny_models)


@pytest.fixture
def members(registry: ModelRegistry) -> Members:
    """What an archive of `tiny` holds, by name."""
    with zipfile.ZipFile(io.BytesIO(archived(registry))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archived(registry: ModelRegistry, name: str = "tiny", version: int = 1) -> bytes:
    archive = io.BytesIO()
    write_archive(registry, name, version, archive)
    return archive.getvalue()


def zipped(members: Members, change: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    """Zip members, each of which may be changed."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            change(member)
            writer.writestr(member, data)
    return archive.getvalue()


def opened(data: bytes, limit: int = LIMIT) -> Members:
    """Take everything in."""
    with ArchivedVersion(io.BytesIO(data), limit) as archive:
        return dict(archive)


def refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnusableArchiveError, match=problem):
        opened(data)


@pytest.mark.parametrize("name", ["tiny", "tinyseq"])
def test_every_file_of_a_version_comes_through(registry, name: str) -> None:
    stored = registry.load(name, 1, {path.name for path in (registry.folder / name / "1").iterdir()})

    assert opened(archived(registry, name)) == dict(stored.files)


def test_a_version_gives_the_same_archive_every_time(registry) -> None:
    assert archived(registry) == archived(registry)


def test_what_comes_out_is_published_as_it_was(registry, tmp_path: Path) -> None:
    other = ModelRegistry(tmp_path)
    with ArchivedVersion(io.BytesIO(archived(registry, version=2)), LIMIT) as archive:
        published = other.publish("copy", archive, archive.manifest.facts, activate=False)

    assert published.files == registry.manifest("tiny", 2).files
    assert published.facts == registry.manifest("tiny", 2).facts
    other.load("copy", 1, ())


def test_a_version_that_is_not_there_is_not_archived(registry) -> None:
    with pytest.raises(VersionNotFoundError):
        archived(registry, version=9)


def test_a_damaged_version_is_not_archived(registry, tmp_path: Path) -> None:
    copy = ModelRegistry(tmp_path)
    with ArchivedVersion(io.BytesIO(archived(registry)), LIMIT) as archive:
        copy.publish("tiny", archive, archive.manifest.facts)
    flip_a_bit(tmp_path / "tiny/1/model.onnx")

    with pytest.raises(ChangedFileError):
        archived(copy)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "C:\\evil",
        "..\\evil",
        "sub/evil",
        "sub/",
        ".hidden",
        "..",
        "é",
        "a b",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(members: Members, tmp_path: Path, name: str) -> None:
    refused(zipped({**members, name: b"x"}), "is not the plain name of a file")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_anything_that_is_no_file_is_refused(members: Members, kind: int) -> None:
    def change(member: zipfile.ZipInfo) -> None:
        if member.filename == "config.yaml":
            member.external_attr = (kind | 0o777) << 16

    refused(zipped(members, change), "config.yaml is a link or something else")


def test_a_name_that_hides_another_behind_a_nul_is_refused(members: Members) -> None:
    data = zipped({**members, "config.yamlXevil": b"x"}).replace(b"config.yamlXevil", b"config.yaml\0evil")

    refused(data, "is not the plain name of a file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_there_twice_is_refused(members: Members) -> None:
    archive = io.BytesIO(zipped(members))
    with zipfile.ZipFile(archive, "a") as writer:
        writer.writestr("config.yaml", b"family: evil")

    refused(archive.getvalue(), "a name stands in it twice")


def test_a_file_beside_those_of_the_manifest_is_refused(members: Members) -> None:
    refused(zipped({**members, "evil.py": b"x"}), "evil.py: not both in it and in its manifest")


def test_a_missing_file_is_refused(members: Members) -> None:
    del members["model.onnx"]

    refused(zipped(members), "model.onnx: not both in it and in its manifest")


def test_a_missing_manifest_is_refused(members: Members) -> None:
    del members["manifest.json"]

    refused(zipped(members), "manifest.json is missing")


def test_a_changed_file_is_refused_by_its_digest(members: Members) -> None:
    members["label_encoder.pkl"] = members["label_encoder.pkl"].replace(b"bill", b"evil")

    refused(zipped(members), "label_encoder.pkl has changed")


def test_a_changed_manifest_is_refused(members: Members) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b'"bow"', b'"lstm"')

    refused(zipped(members), "manifest.json has changed")


def test_a_manifest_whose_digest_was_made_right_does_not_lead_elsewhere(members: Members) -> None:
    manifest = unsealed(members["manifest.json"], "m")
    manifest["files"]["config"]["path"] = "../config.yaml"
    members["manifest.json"] = sealed(manifest)

    refused(zipped(members), "'../config.yaml' is not the plain name of a file")


def test_a_manifest_of_a_later_format_is_refused(members: Members) -> None:
    members["manifest.json"] = sealed({**unsealed(members["manifest.json"], "m"), "format_version": 99})

    refused(zipped(members), "format version 99")


def test_a_bomb_is_refused_before_it_is_unpacked(registry, members: Members) -> None:
    bomb = bytes(LIMIT)
    manifest = registry.manifest("tiny", 1)
    grown = msgspec.structs.replace(manifest.files["onnx"], n_bytes=len(bomb))
    files = {**manifest.files, "onnx": grown}
    members |= {"model.onnx": bomb, "manifest.json": to_bytes(msgspec.structs.replace(manifest, files=files))}

    with pytest.raises(ArchiveTooLargeError, match="more than 1,000,000 bytes"):
        opened(zipped(members), 1_000_000)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_beyond_it(members: Members) -> None:
    n_bytes = len(members["model.onnx"])
    data = zipped({**members, "model.onnx": bytes(16 << 20)})
    lied = data.replace(struct.pack("<I", 16 << 20), struct.pack("<I", n_bytes))
    assert lied != data

    refused(lied, "model.onnx")


def test_more_files_than_a_version_has_are_refused(members: Members) -> None:
    refused(zipped({**members, **{f"f{number}": b"" for number in range(64)}}), "files, more than a version has")


def test_an_index_that_would_fill_the_memory_is_not_read(members: Members) -> None:
    refused(zipped({**members, **{f"f{number:05}": b"" for number in range(2_000)}}), "made for more files")


def test_an_encrypted_file_is_refused(members: Members) -> None:
    def encrypt(data: bytes) -> bytes:
        at = data.index(b"PK\x01\x02") + 8
        return data[:at] + struct.pack("<H", 1) + data[at + 2 :]

    refused(encrypt(zipped(members)), "is encrypted")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_we_do_not_write_is_refused(members: Members, compression: int) -> None:
    def change(member: zipfile.ZipInfo) -> None:
        member.compress_type = compression

    refused(zipped(members, change), "compressed in a way")


def test_plain_storing_is_taken(members: Members) -> None:
    def change(member: zipfile.ZipInfo) -> None:
        member.compress_type = zipfile.ZIP_STORED

    assert opened(zipped(members, change))["config.yaml"] == members["config.yaml"]


def test_another_kind_of_archive_is_refused(members: Members) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as writer:
        for name, data in members.items():
            entry = tarfile.TarInfo(f"../{name}")
            entry.size = len(data)
            writer.addfile(entry, io.BytesIO(data))

    refused(archive.getvalue(), "it is not a zip archive")


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18, b"\0" * 100])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    refused(data, "it is not a zip archive|made for more files")


def test_half_an_archive_is_refused(registry) -> None:
    data = archived(registry)

    refused(data[: len(data) // 2], "it is not a zip archive")
    refused(data[len(data) // 2 :], "unpacked|not a zip")


def test_a_flipped_bit_anywhere_is_refused_or_without_effect(registry, members: Members) -> None:
    data = archived(registry)
    del members["manifest.json"]
    for place in range(0, len(data), max(1, len(data) // 400)):
        changed = bytearray(data)
        changed[place] ^= 1
        try:
            found = opened(bytes(changed))
        except UnusableArchiveError:
            continue
        assert found == members
