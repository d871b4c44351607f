"""What a contender is, whichever library it is made with."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from .sets import Row


class Trained(Protocol):
    """What a contender has learned."""

    @property
    def note(self) -> str:
        """Say what was chosen by itself, if anything."""

    def intents(self, texts: Sequence[str]) -> list[str | None]:
        """Give the best intent of each text, whatever its confidence; None where nothing of the text is known."""

    def answer(self, text: str) -> object:
        """Answer one text as a server would; this is what is timed."""

    def served_bytes(self) -> int:
        """Count the bytes that a server needs of it."""


Train: TypeAlias = Callable[[Sequence[Row], int], Trained]
"""Learns from rows with a seed."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to train."""

    name: str
    title: str
    digest: str
    """Of its configuration."""
    load: Callable[[], Train]
    """Imports what training needs, which is no part of the time that training takes."""
    code: str = ""
    """Digest of the sources that it is made of, where they are this project's."""
    seeded: bool = True
    """Whether another seed gives another result on the same rows."""
    available: bool = True
    """Whether its library is there."""


def digest_of(*parts: bytes) -> str:
    """Name what decides a result by its content."""
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:12]
