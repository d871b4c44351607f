"""A manifest says what was published, and any change of it is noticed."""

import json
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from app.domain.damage_errors import ChangedFileError, DamagedModelError, UnknownFormatError, UnreadableFileError
from app.registry.manifest import (
    FORMAT_VERSION,
    Facts,
    FileEntry,
    Manifest,
    canonical,
    from_bytes,
    sealed,
    to_bytes,
    unsealed,
)

MANIFEST = Manifest(
    format_version=FORMAT_VERSION,
    name="tiny",
    version=3,
    facts=Facts(
        family="bow",
        input_schema={"type": "text"},
        intents=2,
        examples=40,
        seed=7,
        created_at="2030-01-02T03:04:05+00:00",
        hashes={"config": "a" * 64, "test": None},
        library_versions={"numpy": "2.3.0"},
        timings_s={"fit": 1.25, "all": 2.0},
        metrics={"validation": {"accuracy": 0.975}, "test": None},
    ),
    files={"network": FileEntry("model.onnx", 12, "b" * 64), "größe": FileEntry("labels.pkl", 0, "c" * 64)},
)


def changed(**changes: Any) -> bytes:
    """Give the manifest with other values and a digest that is right for them."""
    return sealed({**msgspec.to_builtins(MANIFEST), **changes})


def with_path(path: str) -> bytes:
    return changed(files={"network": {"path": path, "n_bytes": 1, "sha256": "d" * 64}})


def refused(data: bytes) -> bool:
    try:
        from_bytes(data, "path")
    except DamagedModelError:
        return True
    return False


def test_a_manifest_is_read_as_it_was_written():
    assert from_bytes(to_bytes(MANIFEST), "path") == MANIFEST


def test_a_manifest_is_written_for_people_too():
    text = to_bytes(MANIFEST).decode()

    assert json.loads(text)["files"]["größe"]["path"] == "labels.pkl"
    assert '\n  "name": "tiny",\n' in text


def test_how_json_is_laid_out_does_not_change_a_manifest():
    content = json.loads(to_bytes(MANIFEST))
    other = json.dumps(dict(reversed(content.items()))).encode()

    assert from_bytes(other, "path") == MANIFEST


def test_no_bit_of_a_manifest_can_flip_unnoticed():
    data = to_bytes(MANIFEST)

    unnoticed = [
        (position, bit)
        for position in range(len(data) - 1)  # the last byte is the line's end
        for bit in range(8)
        if not refused(data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :])
    ]

    assert unnoticed == []


def test_a_value_changed_by_hand_is_told_as_a_change():
    data = to_bytes(MANIFEST).replace(b'"version": 3', b'"version": 4')

    with pytest.raises(ChangedFileError, match=r"^tiny/3/manifest\.json has changed since it was published"):
        from_bytes(data, "tiny/3/manifest.json")


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, "1", None, [1]])
def test_an_unknown_format_is_refused_with_the_known_one(version):
    with pytest.raises(UnknownFormatError) as refusal:
        from_bytes(changed(format_version=version), "path")

    assert str(refusal.value) == f"path has format version {version!r}; this Parley reads {FORMAT_VERSION}"


def test_a_manifest_with_half_a_character_in_it_is_refused():
    content = {**msgspec.to_builtins(MANIFEST), "\ud800": 1}
    data = json.dumps({**content, "digest": sha256(canonical(content)).hexdigest()}).encode()

    with pytest.raises(UnreadableFileError, match="half a character"):
        from_bytes(data, "path")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"version": "3"}, id="version as text"),
        pytest.param({"version": True}, id="version as truth"),
        pytest.param({"name": None}, id="no name"),
        pytest.param({"files": []}, id="files as a list"),
        pytest.param({"files": {"network": {"path": "model.onnx", "n_bytes": 1}}}, id="file without digest"),
        pytest.param({"comment": "hello"}, id="unknown field"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(changes):
    with pytest.raises(UnreadableFileError, match=r"^path cannot be used: .+ - at `\$|^path cannot be used: .+field"):
        from_bytes(changed(**changes), "path")


@pytest.mark.parametrize(
    "path",
    ["../evil", "..", ".", "", "a/b", "/etc/passwd", "a\\b", ".hidden", "a\n", "a\0b", "a b", "-x", "ä.json"],
)
def test_a_file_that_is_not_a_plain_name_is_refused(path):
    with pytest.raises(UnreadableFileError) as refusal:
        from_bytes(with_path(path), "manifest")

    assert str(refusal.value) == f"manifest cannot be used: {path!r} is not the plain name of a file"


@pytest.mark.parametrize("path", ["model.onnx", "model.weights.h5", "7", "A-b_c.d"])
def test_a_plain_name_of_a_file_is_taken(path):
    assert from_bytes(with_path(path), "manifest").files["network"].path == path


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe{}", b"\x00", b"nonsense", b"[" * 100_000, b'{"a": ' + b"1" * 5_000 + b"}"]
)
def test_what_is_no_json_is_refused(data):
    with pytest.raises(UnreadableFileError, match=r"^path cannot be used: it is not JSON$"):
        unsealed(data, "path")


@pytest.mark.parametrize("data", [b"[]", b"1", b"null", b"{}", b'{"digest": 1}', b'{"digest": null}', b'["digest"]'])
def test_what_carries_no_digest_is_refused(data):
    with pytest.raises(UnreadableFileError, match=r"^path cannot be used: it carries no digest of its own$"):
        unsealed(data, "path")


def test_json_nested_to_any_depth_is_refused_with_a_sentence():
    # reading and digesting nested values have limits of their own, a few levels apart
    documents = [b'{"digest": "", "deep": ' + b"[" * depth + b"]" * depth + b"}" for depth in range(700, 1_000)]

    accepted = [len(document) for document in documents if not refused(document)]

    assert accepted == []


def test_a_sealed_object_opens_to_what_was_sealed():
    content = {"aliases": {"active": 2}, "text": "ä\u2028\U0001f600"}

    assert unsealed(sealed(content), "path") == content
