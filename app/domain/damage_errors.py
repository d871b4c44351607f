"""What is wrong with files of the registry; part of the tree in errors.py."""

from .errors import ParleyError


class DamagedModelError(ParleyError):
    """A version, or a model's aliases, that must not be served; `path` is relative to the registry."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"{path} {problem}")


class MissingFileError(DamagedModelError):
    """A file the manifest lists, or the manifest or aliases themselves, that is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is missing")


class TruncatedFileError(DamagedModelError):
    """A file of another size than the manifest says."""

    def __init__(self, path: str, n_bytes: int, expected: int) -> None:
        self.n_bytes, self.expected = n_bytes, expected
        super().__init__(path, f"has {n_bytes:,} bytes where its manifest says {expected:,}")


class ChangedFileError(DamagedModelError):
    """A file whose digest is not the recorded one."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "has changed since it was published: its SHA-256 is not the recorded one")


class LinkedFileError(DamagedModelError):
    """A symbolic link where a file or folder of the registry should be."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is a symbolic link; the registry follows none")


class UnlistedFileError(DamagedModelError):
    """A file in a version's folder that was not published with it."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is not listed in the manifest of its version")


class UnknownFileError(DamagedModelError):
    """A file that is listed in a manifest, under a name that no file of a version has."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is no file that a version is made of")


class OpenFolderError(DamagedModelError):
    """A file or folder of the registry that every user of the machine can write to."""

    def __init__(self, path: str, mode: int) -> None:
        self.mode = mode
        super().__init__(path, f"can be written to by every user of this machine (mode {mode:03o}); chmod o-w it")


class UnsignedVersionError(DamagedModelError):
    """A manifest without a signature, where signatures are required."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is not signed, and `require_signed_models` is on: `python -m app models sign` signs it")


class WrongSignatureError(DamagedModelError):
    """A signature that was not made with the operator's key for this manifest."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "has a signature that was not made for it with the key of this server")


class UnreadableFileError(DamagedModelError):
    """A file that is not what its name says."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, f"cannot be used: {problem}")


class UnsafePickleError(DamagedModelError):
    """A pickle that asks for more than plain builtins."""

    def __init__(self, path: str, name: str) -> None:
        self.name = name
        super().__init__(path, f"names {name}; only plain values may stand in it")


class UnknownFormatError(DamagedModelError):
    """A manifest of a format this Parley does not know."""

    def __init__(self, path: str, found: object, known: int) -> None:
        self.found, self.known = found, known
        super().__init__(path, f"has format version {found!r}; this Parley reads {known}")
