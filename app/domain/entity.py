"""
What is named in a text: a city, a date, a number.

A place in a text is told in characters (Unicode code points, as Python counts them) of the text as it was sent: `start`
is the first, `end` the one after the last.
"""

from typing import NamedTuple, TypeAlias

EntityValue: TypeAlias = str | int | float


class Entity(NamedTuple):
    """One that was found: by which name, what it comes to, and where it stands."""

    entity: str
    value: EntityValue
    text: str
    start: int
    end: int


class FoundEntities(NamedTuple):
    """All that were found, in the order of their places; none overlaps another."""

    entities: tuple[Entity, ...]
    is_complete: bool = True
    """Whether all of the text was looked at by all that look."""


class Annotation(NamedTuple):
    """One that somebody marked in an example, to learn how well they are found."""

    entity: str
    start: int
    end: int
    value: EntityValue | None = None
