"""A version from one server to another, as one archive."""

from typing import BinaryIO, Final

import msgspec

from ..domain.damage_errors import DamagedModelError
from ..domain.model_reference import check_model_name
from ..domain.version_errors import UnservableVersionError, UnusableArchiveError
from ..pipeline.artifacts import SERVED_FILES, load_pipeline, refuse_unknown_files
from ..registry.archive import ArchivedVersion, write_archive
from ..registry.manifest import Manifest
from ..registry.model_registry import ModelRegistry
from .activations import trusting

ARCHIVE_AT_MOST: Final = 512 << 20


class VersionTransfer:
    """Writes archives of versions, and makes versions of archives."""

    def __init__(self, registry: ModelRegistry, max_bytes: int) -> None:
        self._registry, self._max_bytes = registry, max_bytes

    def export(self, name: str, version: int, into: BinaryIO) -> None:
        """
        Write a version as one archive.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            UnservableVersionError: it is not as it was published.
        """
        try:
            write_archive(self._registry, name, version, into)
        except DamagedModelError as error:
            raise UnservableVersionError(name, version, str(error)) from error

    def import_(self, name: str, source: BinaryIO) -> Manifest:
        """
        Publish what an archive holds as the next version of a model, which does not answer yet.

        It is loaded before it is published, so that what cannot answer never stands in the registry. Which job made
        it, and from which version it was trained further, means nothing here and is left out.

        Raises:
            InvalidModelNameError: the name cannot be a model's.
            ArchiveTooLargeError, UnusableArchiveError: nothing was published.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        check_model_name(name)
        with ArchivedVersion(source, self._max_bytes) as archive:
            try:
                refuse_unknown_files("archive", archive.keys())
                load_pipeline(name, "archive", {path: archive[path] for path in SERVED_FILES & archive.keys()})
            except DamagedModelError as error:
                raise UnusableArchiveError(str(error)) from error
            facts = msgspec.structs.replace(archive.manifest.facts, job=None, parent=None)
            with trusting(name):
                return self._registry.publish(name, archive, facts, activate=False)
