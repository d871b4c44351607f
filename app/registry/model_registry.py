"""
The folder of all models: `<name>/<version>/` with a manifest each, and `<name>/aliases.json`.

A version is immutable once its manifest is there. Publishing writes everything beside the place it will have, the
manifest last, moves it there in one step, then moves the aliases: a reader sees the old state or the new one.
"""

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from ..domain.errors import (
    AliasNotFoundError,
    LinkedFileError,
    ModelNotFoundError,
    UnreadableFileError,
    UnwritableRegistryError,
    VersionNotFoundError,
)
from ..domain.model_reference import (
    ACTIVE,
    ORIGINAL,
    PREVIOUS,
    ModelReference,
    check_model_name,
    is_model_name,
)
from . import manifest as manifests
from .layout import ALIASES, LOCK, STAGING, is_model, is_stray, is_version, shown, strays_in
from .manifest import FORMAT_VERSION, MANIFEST, Facts, FileEntry, Manifest
from .signatures import Signature, folder_signature, signature
from .verified_files import (
    check_file,
    read_file,
    read_verified,
    refuse_links,
    replace_durably,
    sha256,
    sync_folder,
    write_durably,
)


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


class ModelRegistry:
    """Models in a folder. Several processes may use one folder; publishers of one model take turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        path = f"{name}/{ALIASES}"
        content = manifests.unsealed(read_file(self.folder, path), path)
        aliases = content.get("aliases")
        if not isinstance(aliases, dict) or not all(type(v) is int and v > 0 for v in aliases.values()):
            raise UnreadableFileError(path, "it does not map aliases to versions")
        return aliases

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
        manifest = manifests.from_bytes(read_file(self.folder, path), path)
        if (manifest.name, manifest.version) != (name, version):
            raise UnreadableFileError(path, f"it says it is {manifest.name!r} version {manifest.version}")
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
        for entry in folder.iterdir():
            if entry.is_symlink():
                raise LinkedFileError(f"{name}/{version}/{entry.name}")
        files = {}
        for recorded in manifest.files.values():
            path = f"{name}/{version}/{recorded.path}"
            if recorded.path in wanted:
                files[recorded.path] = read_verified(self.folder, path, recorded.n_bytes, recorded.sha256)
            else:
                check_file(self.folder, path, recorded.n_bytes, recorded.sha256)
        return StoredVersion(manifest, files)

    def publish(
        self,
        name: str,
        files: Mapping[str, bytes],
        facts: Facts,
        *,
        activate: bool = True,
        allowed: Callable[[], None] = lambda: None,
    ) -> Manifest:
        """
        Make a new version of these files (by name) and, with `activate`, let `active` point to it.

        `allowed` is called just before the commit, under the lock of the model; it may raise.

        Whatever goes wrong before the last step leaves the model as it was.

        Raises:
            InvalidModelNameError: the name cannot be a model's.
            DamagedModelError: the model's aliases cannot be trusted, so they are not moved.
            ValueError: a file's name is not a plain one.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        home = self.folder / check_model_name(name)
        refuse_links(self.folder, name)
        manifests.check_file_names(files)
        try:
            home.mkdir(parents=True, exist_ok=True)
            with FileLock(home / LOCK):
                return self._publish(home, name, files, facts, activate, allowed)
        except OSError as error:
            raise UnwritableRegistryError(str(home), error.strerror or str(error)) from error

    def _publish(  # noqa: PLR0913, PLR0917 - as publish
        self,
        home: Path,
        name: str,
        files: Mapping[str, bytes],
        facts: Facts,
        activate: bool,  # noqa: FBT001
        allowed: Callable[[], None],
    ) -> Manifest:
        aliases = self.aliases(name) if (home / ALIASES).exists() else {}
        version = max((int(entry.name) for entry in home.iterdir() if is_version(entry)), default=0) + 1
        entries = {role: FileEntry(path, len(files[path]), sha256(files[path])) for role, path in _roles(files)}
        manifest = Manifest(format_version=FORMAT_VERSION, name=name, version=version, facts=facts, files=entries)
        allowed()
        self._commit(home, manifest, files)
        if not activate:
            return manifest
        moved = {ORIGINAL: version, **aliases, ACTIVE: version}
        if ACTIVE in aliases:
            moved[PREVIOUS] = aliases[ACTIVE]
        replace_durably(home / ALIASES, manifests.sealed({"aliases": moved}))
        return manifest

    def _commit(self, home: Path, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        for abandoned in home.glob(f"{STAGING}*"):  # of a publisher that was killed: this one holds the lock
            shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=home))
        try:
            staging.chmod(0o755)
            for path, data in files.items():
                write_durably(staging / path, data)
            write_durably(staging / MANIFEST, manifests.to_bytes(manifest))
            sync_folder(staging)
            staging.rename(home / str(manifest.version))
            sync_folder(home)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _find(self, name: str) -> Path:
        home = self.folder / check_model_name(name)
        refuse_links(self.folder, name)
        if not home.is_dir():
            raise ModelNotFoundError(name)
        return home


def _roles(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Name the role of each file after the file, without what says only how it is written where that is enough."""
    roles: dict[str, str] = {}
    for path in sorted(paths):
        first, *rest = path.split(".")
        role = rest[0] if first == "model" and rest else first
        roles[path if role in roles else role] = path
    return list(roles.items())
