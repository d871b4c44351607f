"""Versions as an attacker makes them: whole, with every digest right, and with something in them that means harm."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from app.registry.manifest import MANIFEST, FileEntry, to_bytes
from app.registry.model_registry import ModelRegistry
from app.registry.verified_files import sha256

Change = Callable[[zipfile.ZipInfo], None]


def members_of(models: Path, changes: Mapping[str, bytes], name: str = "tiny") -> dict[str, bytes]:
    """Give what an archive of version 1 holds, with some files of the attacker's, and a manifest that lists them."""
    registry = ModelRegistry(models)
    manifest = registry.manifest(name, 1)
    known = {entry.path for entry in manifest.files.values()}
    files = {**registry.load(name, 1, known).files, **changes}
    entries = {f"role{n}": FileEntry(path, len(files[path]), sha256(files[path])) for n, path in enumerate(files)}
    return {**files, MANIFEST: to_bytes(msgspec.structs.replace(manifest, files=entries))}


def zipped(members: Mapping[str, bytes], change: Change = lambda _: None) -> bytes:
    """Zip members, each of which may be changed."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            change(member)
            writer.writestr(member, data)
    return archive.getvalue()
