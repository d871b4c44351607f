"""
What is read of the folder of all models: `<name>/<version>/` with a manifest each, and `<name>/aliases.json`.

A version is immutable once its manifest is there, and aliases are replaced in one step: a reader sees the old state or
the new one, and takes no lock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.damage_errors import (
    DamagedModelError,
    LinkedFileError,
    MissingFileError,
    UnlistedFileError,
    UnreadableFileError,
)
from ..domain.errors import AliasNotFoundError, ModelNotFoundError, VersionNotFoundError
from ..domain.model_reference import ACTIVE, ORIGINAL, PREVIOUS, ModelReference, check_model_name, is_model_name
from . import manifest as manifests
from .layout import ALIASES, belongs_to_a_version, is_model, is_stray, is_version, shown, strays_in
from .manifest import MANIFEST, Manifest
from .signatures import Signature, folder_signature, signature
from .signing import SIGNATURE, UNSIGNED, Signing
from .verified_files import check_file, read_file, read_verified, refuse_links


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version whose every file was read and found to be the one that was published."""

    manifest: Manifest
    files: Mapping[str, bytes]
    """By file name; only those asked for."""

    @property
    def folder(self) -> str:
        """Where it lies, relative to the registry."""
        return f"{self.manifest.name}/{self.manifest.version}"


@dataclass(frozen=True, slots=True)
class Pointers:
    """What `aliases.json` holds."""

    aliases: dict[str, int]
    last: int = 0
    """The highest number that was given to a version which is deleted: it is given to no other."""

    def pointing_to(self, version: int, *, activate: bool) -> "Pointers":
        """Give them as they are after a version was published."""
        aliases = {ORIGINAL: version, **self.aliases}
        if activate:
            aliases[ACTIVE] = version
            if ACTIVE in self.aliases:
                aliases[PREVIOUS] = self.aliases[ACTIVE]
        return Pointers(aliases, self.last)

    def to_bytes(self) -> bytes:
        """Write them as their file has them."""
        last = {"last": self.last} if self.last else {}
        return manifests.sealed({"aliases": self.aliases, **last})


class StoredModels:
    """Models in a folder, to be read."""

    def __init__(self, folder: Path, signing: Signing = UNSIGNED) -> None:
        self.folder, self._signing = folder, signing

    def names(self) -> list[str]:
        """
        Give the names of everything that stands where models stand, sorted.

        A name may be no model's name, or a link: `load` says so, and so no model is passed over in silence.
        """
        if not self.folder.is_dir():
            return []
        return sorted(shown(entry.name) for entry in self.folder.iterdir() if is_model(entry))

    def holds(self, name: str) -> bool:
        """Say whether this is one of `names`."""
        if is_model_name(name):
            return is_model(self.folder / name)
        return name in self.names()  # it may be written otherwise than it is

    def strays(self, name: str) -> list[str]:
        """Give what stands in or in place of a model and means nothing, as paths below the folder, sorted."""
        home = self.folder / name
        if not is_model(home):
            return [name] if is_stray(home) else []
        try:
            return [f"{name}/{stray}" for stray in strays_in(home)]
        except OSError:  # `load` says so
            return []

    def aliases_signature(self, name: str) -> Signature:
        """Give what tells a model's aliases from those that were there before; nothing is read."""
        return signature(self.folder / name / ALIASES)

    def manifest_signature(self, name: str, version: int) -> Signature:
        """Give what tells a version from another of the same number; nothing is read."""
        return signature(self.folder / name / str(version) / MANIFEST)

    def version_signature(self, name: str, version: int) -> frozenset[tuple[str, Signature]]:
        """Give what tells a version's files from those that were there before; nothing is read."""
        return folder_signature(self.folder / name / str(version))

    def aliases(self, name: str) -> dict[str, int]:
        """
        Give a model's aliases.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            DamagedModelError: its aliases cannot be trusted.
        """
        self._find(name)
        return self._pointers(name).aliases

    def versions(self, name: str) -> list[int]:
        """
        Give the versions of a model that were committed, oldest first.

        Raises:
            InvalidModelNameError, ModelNotFoundError, LinkedFileError: there is no such model.
        """
        return sorted(
            int(entry.name) for entry in self._find(name).iterdir() if is_version(entry) and (entry / MANIFEST).exists()
        )

    def resolve(self, reference: ModelReference) -> int:
        """
        Give the version that a reference means.

        Raises:
            ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: there is none.
            DamagedModelError: the model's aliases cannot be trusted.
        """
        if reference.version is not None:
            if not (self._find(reference.name) / str(reference.version)).exists():
                raise VersionNotFoundError(reference.name, reference.version)
            return reference.version
        aliases = self.aliases(reference.name)
        if reference.alias not in aliases:
            raise AliasNotFoundError(reference.name, reference.alias)
        return aliases[reference.alias]

    def manifest(self, name: str, version: int) -> Manifest:
        """
        Read and check a version's manifest, not its files.

        Raises:
            DamagedModelError: it is missing or cannot be trusted.
        """
        path = f"{name}/{version}/{MANIFEST}"
        data = read_file(self.folder, path)
        manifest = manifests.from_bytes(data, path)
        if (manifest.name, manifest.version) != (name, version):
            raise UnreadableFileError(path, f"it says it is {manifest.name!r} version {manifest.version}")
        if self._signing.is_required:
            self._signing.check(path, manifests.canonical(manifests.unsealed(data, path)), self._signature(path))
        return manifest

    def load(self, name: str, version: int, wanted: Collection[str]) -> StoredVersion:
        """
        Read a version, check every file of it, and keep the bytes of those wanted (file names).

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: there is none.
            DamagedModelError: anything of it is not as published.
        """
        folder = self._find(name) / str(version)
        refuse_links(self.folder, f"{name}/{version}")
        if not folder.is_dir():
            raise VersionNotFoundError(name, version)
        manifest = self.manifest(name, version)
        listed = {recorded.path for recorded in manifest.files.values()}
        for entry in folder.iterdir():
            if entry.is_symlink():
                raise LinkedFileError(f"{name}/{version}/{entry.name}")
            if entry.name not in listed and not belongs_to_a_version(entry.name):
                raise UnlistedFileError(f"{name}/{version}/{shown(entry.name)}")
        files = {}
        for recorded in manifest.files.values():
            path = f"{name}/{version}/{recorded.path}"
            if recorded.path in wanted:
                files[recorded.path] = read_verified(self.folder, path, recorded.n_bytes, recorded.sha256)
            else:
                check_file(self.folder, path, recorded.n_bytes, recorded.sha256)
        return StoredVersion(manifest, files)

    def file_of(self, name: str, version: int, path: str) -> bytes:
        """
        Read and check one file of a version, and none of the others.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: there is no such version.
            MissingFileError: it was published without that file.
            DamagedModelError: the file, or the manifest, is not as published.
        """
        if not (self._find(name) / str(version)).is_dir():
            raise VersionNotFoundError(name, version)
        for recorded in self.manifest(name, version).files.values():
            if recorded.path == path:
                where = f"{name}/{version}/{path}"
                return read_verified(self.folder, where, recorded.n_bytes, recorded.sha256)
        raise MissingFileError(f"{name}/{version}/{path}")

    def published_by(self, name: str, job: str) -> Manifest | None:
        """Give the version that a job has published; None where it has published none."""
        try:
            versions = self.versions(name)
        except ModelNotFoundError:
            return None
        for version in reversed(versions):
            try:
                manifest = self.manifest(name, version)
            except DamagedModelError:  # whoever wants to serve it is told
                continue
            if manifest.facts.job == job:
                return manifest
        return None

    def _signature(self, path: str) -> bytes | None:
        try:
            return read_file(self.folder, str(Path(path).with_name(SIGNATURE)))
        except MissingFileError:
            return None

    def _pointers(self, name: str) -> Pointers:
        path = f"{name}/{ALIASES}"
        content = manifests.unsealed(read_file(self.folder, path), path)
        aliases, last = content.get("aliases"), content.get("last", 0)
        if not isinstance(aliases, dict) or not all(type(v) is int and v > 0 for v in aliases.values()):
            raise UnreadableFileError(path, "it does not map aliases to versions")
        if type(last) is not int or last < 0:
            raise UnreadableFileError(path, "it does not say which number was given last")
        return Pointers(aliases, last)

    def _find(self, name: str) -> Path:
        home = self.folder / check_model_name(name)
        refuse_links(self.folder, name)
        if not home.is_dir():
            raise ModelNotFoundError(name)
        return home
