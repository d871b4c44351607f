"""Everybody who may take part, by name."""

from collections.abc import Sequence

from . import parley, references
from .contract import Contender


def contender_named(name: str) -> Contender:
    """Give a contender: a reference, a family, or the automatic choice."""
    return references.contender(name) if name in references.NAMES else parley.contender(name)


def contenders(families: Sequence[str], others: Sequence[str]) -> list[Contender]:
    """Give Parley's families and then the references, in the order of the tables."""
    return [contender_named(name) for name in (*families, *others)]
