"""
The folder of all models: `<name>/<version>/` with a manifest each, and `<name>/aliases.json`.

A version is immutable once its manifest is there. Publishing writes everything beside the place it will have, the
manifest last, moves it there in one step, then moves the aliases: a reader sees the old state or the new one.
"""

import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock

from ..domain.errors import (
    AliasNotFoundError,
    LinkedFileError,
    ModelNotFoundError,
    UnreadableFileError,
    UnwritableRegistryError,
    VersionNotFoundError,
)
from ..domain.model_reference import ACTIVE, ORIGINAL, PREVIOUS, ModelReference, check_model_name
from . import manifest as manifests
from .manifest import FORMAT_VERSION, MANIFEST, Facts, FileEntry, Manifest
from .verified_files import (
    read_file,
    read_verified,
    refuse_links,
    replace_durably,
    sha256,
    sync_folder,
    write_durably,
)

ALIASES: Final = "aliases.json"
_LOCK: Final = ".publishing"
_STAGING: Final = ".staging-"


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

        A name may be no model's name, or a link: `load` says so, and so no model is passed over in silence. A folder
        without versions and aliases is what a first publish left that came to nothing.
        """
        if not self.folder.is_dir():
            return []
        return sorted(
            # a name that is no text cannot be told as it is; as it can be told it is no model's name
            entry.name.encode(errors="replace").decode()
            for entry in self.folder.iterdir()
            if not entry.name.startswith(".") and (entry.is_symlink() or (entry.is_dir() and _holds_a_model(entry)))
        )

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
            int(entry.name)
            for entry in self._find(name).iterdir()
            if _is_version(entry) and (entry / MANIFEST).exists()
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
        for entry_of_role in manifest.files.values():
            data = read_verified(
                self.folder,
                f"{name}/{version}/{entry_of_role.path}",
                entry_of_role.n_bytes,
                entry_of_role.sha256,
            )
            if entry_of_role.path in wanted:
                files[entry_of_role.path] = data
        return StoredVersion(manifest, files)

    def publish(self, name: str, files: Mapping[str, bytes], facts: Facts) -> Manifest:
        """
        Make a new version of these files (by name) and let `active` point to it.

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
            with FileLock(home / _LOCK):
                return self._publish(home, name, files, facts)
        except OSError as error:
            raise UnwritableRegistryError(str(home), error.strerror or str(error)) from error

    def _publish(self, home: Path, name: str, files: Mapping[str, bytes], facts: Facts) -> Manifest:
        aliases = self.aliases(name) if (home / ALIASES).exists() else {}
        version = max((int(entry.name) for entry in home.iterdir() if _is_version(entry)), default=0) + 1
        entries = {role: FileEntry(path, len(files[path]), sha256(files[path])) for role, path in _roles(files)}
        manifest = Manifest(format_version=FORMAT_VERSION, name=name, version=version, facts=facts, files=entries)
        self._commit(home, manifest, files)
        moved = {ORIGINAL: version, **aliases, ACTIVE: version}
        if ACTIVE in aliases:
            moved[PREVIOUS] = aliases[ACTIVE]
        replace_durably(home / ALIASES, manifests.sealed({"aliases": moved}))
        return manifest

    def _commit(self, home: Path, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        for abandoned in home.glob(f"{_STAGING}*"):  # of a publisher that was killed: this one holds the lock
            shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=home))
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


def _holds_a_model(home: Path) -> bool:
    try:
        return any(entry.name == ALIASES or _is_version(entry) for entry in home.iterdir())
    except OSError:  # nobody may look into it: `load` will say so
        return True


def _is_version(entry: Path) -> bool:
    return entry.name.isascii() and entry.name.isdigit() and not entry.name.startswith("0")


def _roles(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Name the role of each file after the file, without what says only how it is written where that is enough."""
    roles: dict[str, str] = {}
    for path in sorted(paths):
        first, *rest = path.split(".")
        role = rest[0] if first == "model" and rest else first
        roles[path if role in roles else role] = path
    return list(roles.items())
