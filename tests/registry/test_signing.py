"""A signature is made of the key and of everything that a manifest says, and of nothing else."""

from pathlib import Path

import pytest

from app.domain.damage_errors import UnsignedVersionError, WrongSignatureError
from app.registry.manifest import Facts
from app.registry.model_registry import ModelRegistry
from app.registry.signing import SIGNATURE, Signing

KEY = b"open sesame, open sesame, open sesame"
FACTS = Facts(
    family="bow", input_schema={}, intents=1, examples=1, seed=1, created_at="", hashes={}, library_versions={},
    timings_s={}, metrics={},
)  # fmt: skip


def registry(folder: Path, key: bytes | None = KEY, *, is_required: bool = True) -> ModelRegistry:
    return ModelRegistry(folder, signing=Signing(key, is_required=is_required))


def test_what_is_published_with_a_key_is_taken_with_it_and_by_whoever_asks_for_none(tmp_path: Path) -> None:
    registry(tmp_path).publish("m", {"model.onnx": b"x"}, FACTS)

    assert (tmp_path / "m/1" / SIGNATURE).read_bytes().startswith(b"hmac-sha256 ")
    assert registry(tmp_path).load("m", 1, {"model.onnx"}).files == {"model.onnx": b"x"}
    assert registry(tmp_path, None, is_required=False).load("m", 1, {"model.onnx"}).files == {"model.onnx": b"x"}


def test_what_was_published_without_a_key_is_refused_until_it_is_signed(tmp_path: Path) -> None:
    registry(tmp_path, None, is_required=False).publish("m", {"model.onnx": b"x"}, FACTS)
    with pytest.raises(UnsignedVersionError, match=r"m/1/manifest\.json is not signed"):
        registry(tmp_path).load("m", 1, ())

    registry(tmp_path).sign("m", 1)

    assert registry(tmp_path).load("m", 1, ()).manifest.name == "m"


def test_the_signature_of_another_key_or_of_another_version_is_refused(tmp_path: Path) -> None:
    other = b"another key, another key, another key"
    registry(tmp_path, other).publish("m", {"model.onnx": b"x"}, FACTS)
    registry(tmp_path).publish("m", {"model.onnx": b"x"}, FACTS)
    with pytest.raises(WrongSignatureError):
        registry(tmp_path).load("m", 1, ())

    (tmp_path / "m/1" / SIGNATURE).write_bytes((tmp_path / "m/2" / SIGNATURE).read_bytes())

    with pytest.raises(WrongSignatureError):
        registry(tmp_path).load("m", 1, ())


def test_a_damaged_version_is_not_signed(tmp_path: Path) -> None:
    registry(tmp_path, None, is_required=False).publish("m", {"model.onnx": b"x"}, FACTS)
    (tmp_path / "m/1/model.onnx").write_bytes(b"y")

    with pytest.raises(Exception, match="has changed"):
        registry(tmp_path).sign("m", 1)
    assert not (tmp_path / "m/1" / SIGNATURE).exists()


@pytest.mark.parametrize(("key", "is_required"), [(b"x" * 31, False), (None, True)])
def test_a_short_key_or_none_where_one_is_needed_is_refused(key: bytes | None, is_required: bool) -> None:  # noqa: FBT001
    with pytest.raises(ValueError, match="key"):
        Signing(key, is_required=is_required)
