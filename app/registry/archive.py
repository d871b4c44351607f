"""
A version as one file: a zip archive of its files and its manifest, side by side, and nothing else.

Nothing of an archive is written anywhere by a name that stands in it: a version is made of what was read, as any other
is. Sizes are looked at before anything is unpacked, and nothing is unpacked beyond the size that the manifest says.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import BinaryIO, Final, Self

from ..domain.damage_errors import ChangedFileError, DamagedModelError
from ..domain.version_errors import ArchiveTooLargeError, UnusableArchiveError
from . import manifest as manifests
from .manifest import MANIFEST, Manifest
from .stored_models import StoredModels
from .verified_files import sha256

_FILES_AT_MOST: Final = 64
_INDEX_AT_MOST: Final = 1 << 16
_MANIFEST_AT_MOST: Final = 1 << 20
_SMALL: Final = 1 << 22
_TIMES: Final = 200  # weights hardly shrink; what shrinks a thousandfold is meant to grow
_COMPRESSIONS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_IS_ENCRYPTED: Final = 0x1
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the same version gives the same archive
_PLAIN: Final = (stat.S_IFREG | 0o644) << 16

# The last record of an archive, where no comment follows it: its signature, 8 bytes of no interest here, the size of
# the index, where that begins, and the length of the comment.
_END: Final = struct.Struct("<4s8xIIH")
_END_SIGNATURE: Final = b"PK\x05\x06"
_LARGE_LOCATOR: Final = struct.Struct("<4s16x")  # stands before it in archives that need 64 bits, which ours do not
_LARGE_SIGNATURE: Final = b"PK\x06\x07"


def write_archive(registry: StoredModels, name: str, version: int, into: BinaryIO) -> Manifest:
    """
    Write a version, each file of which is checked on the way.

    Raises:
        InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: there is none.
        DamagedModelError: anything of it is not as published.
    """
    manifest = registry.load(name, version, ()).manifest
    with zipfile.ZipFile(into, "w") as archive:
        _add(archive, MANIFEST, manifests.to_bytes(manifest))
        for entry in sorted(manifest.files.values(), key=lambda entry: entry.path):
            _add(archive, entry.path, registry.file_of(name, version, entry.path))
    return manifest


class ArchivedVersion(Mapping[str, bytes]):
    """
    The files of a version in an archive, by name; each is unpacked and checked whenever it is asked for.

    Raises:
        UnusableArchiveError: wherever the archive, or a file in it, is not what its manifest says.
    """

    manifest: Manifest

    def __init__(self, source: BinaryIO, max_bytes: int) -> None:
        """
        Look at an archive, which stays the caller's to close; `max_bytes` bounds what it may hold, unpacked.

        Raises:
            ArchiveTooLargeError: it holds more.
            UnusableArchiveError: it is no archive of a version, or means harm.
        """
        self._max_bytes = max_bytes
        _check_end(source)
        try:
            self._archive = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnusableArchiveError(f"it is not a zip archive ({error})") from None
        members = self._archive.infolist()
        if len(members) > _FILES_AT_MOST:
            raise UnusableArchiveError(f"it holds {len(members):,} files, more than a version has")
        for member in members:
            _check_member(member)
        self._members = {member.filename: member for member in members}
        if len(self._members) < len(members):
            raise UnusableArchiveError("a name stands in it twice")
        _check_sizes(members, max_bytes)
        self.manifest = self._read_manifest()
        self._entries = {entry.path: entry for entry in self.manifest.files.values()}
        self._compare()

    def __enter__(self) -> Self:
        """Use it as a context, to have it closed."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the source."""
        self._archive.close()

    def __getitem__(self, path: str) -> bytes:
        """Unpack a file, and check that it is the one that was published."""
        entry = self._entries[path]
        data = self._unpacked(path, entry.n_bytes)
        if len(data) != entry.n_bytes or sha256(data) != entry.sha256:
            raise UnusableArchiveError(str(ChangedFileError(path)))
        return data

    def __iter__(self) -> Iterator[str]:
        """Give the names, in order."""
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        """Count the files."""
        return len(self._entries)

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._members:
            raise UnusableArchiveError(f"{MANIFEST} is missing")
        if self._members[MANIFEST].file_size > _MANIFEST_AT_MOST:
            raise UnusableArchiveError(f"{MANIFEST} is larger than any")
        try:
            return manifests.from_bytes(self._unpacked(MANIFEST, _MANIFEST_AT_MOST), MANIFEST)
        except DamagedModelError as error:
            raise UnusableArchiveError(str(error)) from None

    def _compare(self) -> None:
        """Insist that what is there is what the manifest lists, each file in the size that it says."""
        if len(self._entries) < len(self.manifest.files):
            raise UnusableArchiveError("its manifest names a file twice")
        found, listed = self._members.keys() - {MANIFEST}, self._entries.keys()
        if found != listed or MANIFEST in listed:
            odd = sorted((found ^ listed) or {MANIFEST})
            raise UnusableArchiveError(f"{', '.join(odd[:5])}: not both in it and in its manifest")
        for path, entry in self._entries.items():
            if self._members[path].file_size != entry.n_bytes:
                raise UnusableArchiveError(f"{path} has another size than its manifest says")

    def _unpacked(self, path: str, at_most: int) -> bytes:
        try:
            with self._archive.open(self._members[path]) as file:
                data = file.read(at_most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise UnusableArchiveError(f"{path} cannot be unpacked ({error})") from None
        if len(data) > at_most:
            raise UnusableArchiveError(f"{path} is larger than it says")
        return data


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    member = zipfile.ZipInfo(path, _LONG_AGO)
    member.external_attr, member.create_system = _PLAIN, 3
    archive.writestr(member, data, zipfile.ZIP_DEFLATED)


def _check_end(source: BinaryIO) -> None:
    """Look at how much there is to read before the names can be told: a list of a million names fills a memory too."""
    size = source.seek(0, 2)
    source.seek(max(0, size - _END.size - _LARGE_LOCATOR.size))
    tail = source.read(_END.size + _LARGE_LOCATOR.size)
    if len(tail) < _END.size or tail[-_END.size :][:4] != _END_SIGNATURE:
        raise UnusableArchiveError("it is not a zip archive, or something follows its end")
    _, index_size, _, _ = _END.unpack(tail[-_END.size :])
    if tail.startswith(_LARGE_SIGNATURE) or index_size > _INDEX_AT_MOST:
        raise UnusableArchiveError("it is made for more files, or larger ones, than a version has")


def _check_sizes(members: list[zipfile.ZipInfo], max_bytes: int) -> None:
    """Refuse what would grow beyond all that a version holds, before any of it is unpacked."""
    if sum(member.file_size for member in members) > max_bytes:
        raise ArchiveTooLargeError(max_bytes)
    for member in members:
        if member.file_size > _SMALL + _TIMES * member.compress_size:
            raise UnusableArchiveError(f"{member.filename} unpacks to more than {_TIMES} times its size")


def _check_member(member: zipfile.ZipInfo) -> None:
    """Refuse whatever is not a plain file of a plain name, in a compression that we write."""
    name = member.orig_filename
    try:
        manifests.check_file_names([name, member.filename])
    except ValueError as error:
        raise UnusableArchiveError(str(error)) from None
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise UnusableArchiveError(f"{name} is a link or something else that is no plain file")
    if member.flag_bits & _IS_ENCRYPTED or member.compress_type not in _COMPRESSIONS:
        raise UnusableArchiveError(f"{name} is encrypted, or compressed in a way that archives of versions are not")
