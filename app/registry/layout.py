"""What stands where in a registry's folder, and what stands there by mistake."""

import os
from pathlib import Path
from typing import Final

from ..domain.model_reference import is_version_number
from .manifest import MANIFEST
from .signing import SIGNATURE

ALIASES: Final = "aliases.json"
CHECKS: Final = "checks"
LOCK: Final = ".publishing"
STAGING: Final = ".staging-"

_NEW_ALIASES: Final = f".{ALIASES}.new"
_FOR_PEOPLE: Final = "README"
_OF_THE_FILE_SYSTEM: Final = (".nfs", "lost+found")  # files that are open and deleted, and what fsck found


def shown(name: str) -> str:
    """Write the name of an entry so that it can be told; one that is no text stays no model's name."""
    return name.encode(errors="replace").decode()


def is_model(entry: Path) -> bool:
    """
    Say whether a model stands here, or what somebody means to be one.

    A link to a folder is listed, so that loading it tells that none is followed. A folder without versions and aliases
    is what a first publish left that came to nothing.
    """
    if entry.name.startswith("."):
        return False
    # Path raises where nobody may look
    return os.path.isdir(entry) and (os.path.islink(entry) or _holds_a_model(entry))  # noqa: PTH112, PTH114


def is_version(entry: Path) -> bool:
    """Say whether a version stands here, committed or not."""
    return is_version_number(entry.name)


def belongs_to_a_version(name: str) -> bool:
    """Say whether a file may stand beside those that a manifest lists; what systems leave begins with a dot."""
    return name in {MANIFEST, SIGNATURE} or name.startswith((".", *_OF_THE_FILE_SYSTEM))


def is_stray(entry: Path) -> bool:
    """Say whether what stands among the models is neither a model nor anything that belongs there."""
    if is_model(entry) or entry.name.startswith((_FOR_PEOPLE, *_OF_THE_FILE_SYSTEM)):
        return False
    return not os.path.exists(entry / LOCK)  # noqa: PTH110 - as above; else a first publish is on its way


def strays_in(home: Path) -> list[str]:
    """Name what stands in a model's folder and means nothing there."""
    known = (ALIASES, _NEW_ALIASES, LOCK, CHECKS)
    return sorted(
        shown(entry.name)
        for entry in home.iterdir()
        if not (
            (is_version(entry) and entry.is_dir())
            or entry.name in known
            or entry.name.startswith((STAGING, _FOR_PEOPLE, *_OF_THE_FILE_SYSTEM))
        )
    )


def _holds_a_model(home: Path) -> bool:
    try:
        return any(entry.name == ALIASES or is_version(entry) for entry in home.iterdir())
    except OSError:  # nobody may look into it: `load` will say so
        return True
