"""
The folder of all models, to be written: publish and delete versions, move aliases, keep checks.

Publishing writes everything beside the place it will have, the manifest last, moves it there in one step, then moves
the aliases. Who deletes moves the version aside in one step first. Readers see the old state or the new one.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..domain.errors import AliasNotFoundError, UnwritableRegistryError, VersionNotFoundError
from ..domain.model_reference import check_model_name, is_version_number
from ..domain.version_errors import AliasesMovedError, VersionInUseError
from . import manifest as manifests
from .layout import ALIASES, CHECKS, LOCK, STAGING, is_version
from .manifest import FORMAT_VERSION, MANIFEST, Facts, FileEntry, Manifest
from .signing import SIGNATURE, UNSIGNED, Signing
from .stored_models import Pointers, StoredModels
from .verified_files import read_file, refuse_links, replace_durably, sha256, sync_folder, write_durably


def _always() -> None:
    """Allow whatever is about to happen."""


class ModelRegistry(StoredModels):
    """Models in a folder. Several processes may use one folder; those that change one model take turns."""

    def __init__(self, folder: Path, keep_versions: int | None = None, signing: Signing = UNSIGNED) -> None:
        """
        Use a folder, which need not be there yet.

        Args:
            folder: of all models.
            keep_versions: after a publish, only so many of the newest versions stay, and those that aliases point to;
                None: all do.
            signing: signs what is published, and says whether versions without a signature are refused.
        """
        super().__init__(folder, signing)
        self._keep_versions = keep_versions

    def publish(
        self,
        name: str,
        files: Mapping[str, bytes],
        facts: Facts,
        *,
        activate: bool = True,
        allowed: Callable[[], None] = _always,
    ) -> Manifest:
        """
        Make a new version of these files (by name) and let `active` point to it.

        Whatever goes wrong before the last step leaves the model as it was. What a job has published already is not
        published again: its manifest is given back.

        Args:
            name: of the model.
            files: by name.
            facts: about the version.
            activate: whether it is to answer from now on; where not, the first version of a model is its `original`
                all the same.
            allowed: called when everything is written and nothing is to be seen yet; it may raise.

        Raises:
            InvalidModelNameError: the name cannot be a model's.
            DamagedModelError: the model's aliases cannot be trusted, so they are not moved.
            ValueError: a file's name is not a plain one.
            UnwritableRegistryError: the folder or its disk takes no more.
            Whatever `allowed` raises.
        """
        home = self.folder / check_model_name(name)
        refuse_links(self.folder, name)
        manifests.check_file_names(files)
        with _told(home):
            home.mkdir(parents=True, exist_ok=True)
            with FileLock(home / LOCK):
                return self._publish(home, name, files, facts, activate=activate, allowed=allowed)

    def move_aliases(
        self, name: str, changes: Mapping[str, int | None], *, expected: Mapping[str, int] | None = None
    ) -> dict[str, int]:
        """
        Move aliases in one step, or remove those that are to mean nothing (None), and give all of them.

        Args:
            name: of the model.
            changes: versions by alias.
            expected: where given, all aliases as they must be for anything to happen.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: it is not there.
            AliasesMovedError: they are not as expected.
            DamagedModelError: the model's aliases cannot be trusted.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        with self._turn(name) as home:
            held = self._held(home, name)
            if expected is not None and held.aliases != dict(expected):
                raise AliasesMovedError(name)
            moved = dict(held.aliases)
            for alias, version in changes.items():
                if version is not None:
                    self._insist(home, name, version)
                    moved[alias] = version
                elif moved.pop(alias, None) is None:
                    raise AliasNotFoundError(name, alias)
            if moved != held.aliases:
                replace_durably(home / ALIASES, Pointers(moved, held.last).to_bytes())
            return moved

    def delete_version(self, name: str, version: int) -> None:
        """
        Delete a version that no alias points to; its number is given to no other.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            VersionInUseError: an alias points to it.
            DamagedModelError: the model's aliases cannot be trusted.
            UnwritableRegistryError: the folder cannot be changed.
        """
        with self._turn(name) as home:
            refuse_links(self.folder, f"{name}/{version}")
            if not (home / str(version)).is_dir():
                raise VersionNotFoundError(name, version)
            held = self._held(home, name)
            pointing = [alias for alias, meant in held.aliases.items() if meant == version]
            if pointing:
                raise VersionInUseError(name, version, pointing)
            left = Pointers(held.aliases, max(held.last, *_numbers(home))).to_bytes()
            replace_durably(home / ALIASES, left)  # first: whatever happens next, the number is taken
            _remove(home, version)
            replace_durably(home / ALIASES, left)  # who follows the aliases looks again, and finds it gone

    def read_checks(self, name: str) -> tuple[int, dict[str, Any]] | None:
        """
        Give the newest checks of a model, and their number; None where there are none.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            DamagedModelError: they cannot be trusted.
        """
        numbers = _check_numbers(self._find(name) / CHECKS)
        if not numbers:
            return None
        path = f"{name}/{CHECKS}/{max(numbers)}.json"
        return max(numbers), manifests.unsealed(read_file(self.folder, path), path)

    def write_checks(self, name: str, content: Mapping[str, Any]) -> int:
        """
        Keep checks beside the older ones, which stay as they are, and give their number.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        with self._turn(name) as home:
            newest = max(_check_numbers(home / CHECKS), default=0)
            refuse_links(self.folder, f"{name}/{CHECKS}")
            (home / CHECKS).mkdir(exist_ok=True)
            replace_durably(home / CHECKS / f"{newest + 1}.json", manifests.sealed(content))
            return newest + 1

    def sign(self, name: str, version: int) -> None:
        """
        Sign a version that has no signature, or that of another key, after comparing every file with its digest.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            DamagedModelError: it is not as it was published.
            ValueError: there is no key.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        with self._turn(name) as home:
            StoredModels(self.folder).load(name, version, ())
            signature = self._signature_of(read_file(self.folder, f"{name}/{version}/{MANIFEST}"))
            if signature is None:
                raise ValueError("there is no key to sign with")
            replace_durably(home / str(version) / SIGNATURE, signature)

    def _signature_of(self, sealed: bytes) -> bytes | None:
        if not self._signing.has_key:
            return None
        return self._signing.signature(manifests.canonical(manifests.unsealed(sealed, MANIFEST)))

    @contextmanager
    def _turn(self, name: str) -> Iterator[Path]:
        """Keep others from changing a model."""
        home = self._find(name)
        with _told(home), FileLock(home / LOCK):
            yield home

    def _held(self, home: Path, name: str) -> Pointers:
        """Give the aliases, none where a first publisher was killed before it could write them."""
        return self._pointers(name) if (home / ALIASES).exists() else Pointers({})

    def _insist(self, home: Path, name: str, version: int) -> None:
        if not (home / str(version) / MANIFEST).is_file():
            raise VersionNotFoundError(name, version)

    def _publish(  # noqa: PLR0913 - as `publish`
        self,
        home: Path,
        name: str,
        files: Mapping[str, bytes],
        facts: Facts,
        *,
        activate: bool,
        allowed: Callable[[], None],
    ) -> Manifest:
        held = self._held(home, name)
        done = self.published_by(name, facts.job) if facts.job is not None else None
        if done is not None:
            if not held.aliases:  # whoever published it was killed before the aliases
                replace_durably(home / ALIASES, held.pointing_to(done.version, activate=activate).to_bytes())
            return done
        version = max((held.last, *_numbers(home))) + 1
        entries = {role: _entry(path, files[path]) for role, path in _roles(files)}
        manifest = Manifest(format_version=FORMAT_VERSION, name=name, version=version, facts=facts, files=entries)
        self._commit(home, manifest, files, allowed)
        moved = held.pointing_to(version, activate=activate)
        if moved != held:
            replace_durably(home / ALIASES, moved.to_bytes())
        self._retire(home, name, moved)
        return manifest

    def _commit(self, home: Path, manifest: Manifest, files: Mapping[str, bytes], allowed: Callable[[], None]) -> None:
        for abandoned in home.glob(f"{STAGING}*"):  # of a publisher that was killed: this one holds the lock
            shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=home))
        try:
            staging.chmod(0o755)
            for path, data in files.items():
                write_durably(staging / path, data)
            sealed = manifests.to_bytes(manifest)
            if (signature := self._signature_of(sealed)) is not None:
                write_durably(staging / SIGNATURE, signature)
            write_durably(staging / MANIFEST, sealed)
            sync_folder(staging)
            allowed()
            staging.rename(home / str(manifest.version))
            sync_folder(home)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _retire(self, home: Path, name: str, held: Pointers) -> None:
        """Remove what is too old; what cannot be removed now is when the next version comes."""
        if self._keep_versions is not None:
            newest = self.versions(name)[-self._keep_versions :]
            for version in set(self.versions(name)).difference(newest, held.aliases.values()):
                with suppress(OSError):
                    _remove(home, version)


@contextmanager
def _told(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnwritableRegistryError(f"the folder of model {home.name!r}", error.strerror or str(error)) from error


def _remove(home: Path, version: int) -> None:
    """Take a version out of sight in one step, then delete it; what is left of that, the next publisher clears away."""
    aside = home / f"{STAGING}gone-{version}"
    shutil.rmtree(aside, ignore_errors=True)
    (home / str(version)).rename(aside)
    sync_folder(home)
    shutil.rmtree(aside, ignore_errors=True)


def _numbers(home: Path) -> list[int]:
    """Give the numbers of all versions, committed or not."""
    return [int(entry.name) for entry in home.iterdir() if is_version(entry)]


def _check_numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(path.stem) for path in folder.glob("*.json") if is_version_number(path.stem)]


def _entry(path: str, data: bytes) -> FileEntry:
    return FileEntry(path, len(data), sha256(data))


def _roles(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Name the role of each file after the file, without what says only how it is written where that is enough."""
    roles: dict[str, str] = {}
    for path in sorted(paths):
        first, *rest = path.split(".")
        role = rest[0] if first == "model" and rest else first
        roles[path if role in roles else role] = path
    return list(roles.items())
