"""
What a version is: its facts, and the size and digest of each of its files.

A manifest carries its own digest, over its canonical JSON without that digest (sorted keys, no blanks, UTF-8).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from ..domain.damage_errors import ChangedFileError, UnknownFormatError, UnreadableFileError
from .verified_files import sha256

# Raised when files are to be read in another way, or when the same text would give other features: a version's
# vocabulary is of use only to the text processing that it was learned with.
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a version."""

    path: str
    n_bytes: int
    sha256: str


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known about a version beside its files; whoever publishes states it."""

    family: str
    input_schema: dict[str, str | dict[str, str]]
    intents: int
    examples: int
    seed: int
    created_at: str
    """UTC, ISO 8601."""
    hashes: dict[str, str | None]
    """SHA-256 of what it was made from: `config`, `dataset`, `replies`, `test`, `out_of_scope`, `out_of_scope_test`."""
    library_versions: dict[str, str]
    timings_s: dict[str, float]
    metrics: dict[str, dict[str, float] | None]
    job: str | None = None
    """Of the job that trained it, where it was one."""
    parent: int | None = None
    """The version that the training continued from, where it began with one."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A version as it was published."""

    format_version: int
    name: str
    version: int
    facts: Facts
    files: dict[str, FileEntry]
    """By role."""


def to_bytes(manifest: Manifest) -> bytes:
    """Write a manifest with its digest."""
    return sealed(msgspec.to_builtins(manifest))


def from_bytes(data: bytes, path: str) -> Manifest:
    """
    Read a manifest; `path` names it in errors.

    Raises:
        ChangedFileError: its digest is not its own.
        UnknownFormatError: it is of another format.
        UnreadableFileError: it is no manifest.
    """
    content = unsealed(data, path)
    if content.get("format_version") != FORMAT_VERSION:
        raise UnknownFormatError(path, content.get("format_version"), FORMAT_VERSION)
    try:
        manifest = msgspec.convert(content, Manifest)
    except msgspec.ValidationError as error:
        raise UnreadableFileError(path, str(error)) from None
    except UnicodeEncodeError:
        raise UnreadableFileError(path, "it holds half a character") from None
    try:
        check_file_names(entry.path for entry in manifest.files.values())
    except ValueError as error:
        raise UnreadableFileError(path, str(error)) from None
    return manifest


def check_file_names(names: Iterable[str]) -> None:
    """
    Insist on plain names of files, which lead nowhere else.

    Raises:
        ValueError: one is not.
    """
    for name in names:
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the plain name of a file")


def sealed(content: Mapping[str, Any]) -> bytes:
    """Write an object with its own digest."""
    return (json.dumps({**content, "digest": _digest(content)}, ensure_ascii=False, indent=2) + "\n").encode()


def unsealed(data: bytes, path: str) -> dict[str, Any]:
    """
    Read an object that was written with its own digest; `path` names it in errors.

    Raises:
        UnreadableFileError: it is not a JSON object with a digest.
        ChangedFileError: the digest is not its own.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise UnreadableFileError(path, "it is not JSON") from None
    if not isinstance(content, dict) or not isinstance(digest := content.pop("digest", None), str):
        raise UnreadableFileError(path, "it carries no digest of its own")
    try:
        is_its_own = digest == _digest(content)
    except RecursionError:
        raise UnreadableFileError(path, "it is nested too deeply") from None
    if not is_its_own:
        raise ChangedFileError(path)
    return content


def canonical(content: Mapping[str, Any]) -> bytes:
    """Write an object, without its digest, in the one way that digests and signatures are made of."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _digest(content: Mapping[str, Any]) -> str:
    return sha256(canonical(content))
