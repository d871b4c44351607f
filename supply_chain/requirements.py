"""The requirements files: what is installed, at which version, and which files may be it."""

import re
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker

_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(.*?))?(?=\s+--hash|\s*$)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Requirement(NamedTuple):
    """A package at one version."""

    name: str
    version: str
    hashes: tuple[str, ...]
    """SHA-256 of the files that may be installed for it."""
    marker: str = ""
    """Where it is installed; nothing: everywhere."""

    @property
    def is_of_this_machine(self) -> bool:
        """Say whether it is installed here."""
        return not self.marker or Marker(self.marker).evaluate()


def read_requirements(path: Path) -> list[Requirement]:
    """
    Read a requirements file as `make lock` writes it.

    Raises:
        ValueError: a line is not a package at one version.
    """
    lines = path.read_text().replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        pinned = _PINNED.match(line)
        if pinned is None:
            raise ValueError(f"{path.name}: {line.strip()!r} is not a package at one version")
        found.append(Requirement(normal(pinned[1]), pinned[2], tuple(_HASH.findall(line)), pinned[3] or ""))
    return found


def normal(name: str) -> str:
    """Write a package's name in the one way of all that it can be written in."""
    return re.sub(r"[-_.]+", "-", name).lower()
