"""What is marked in examples: `entities`, each with its name and its place in the text, in characters."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ...domain.entity import Annotation, EntityValue
from ...domain.example import Example
from .located_json import HALF_A_CHARACTER

_AT_MOST: Final = 1_000
"""Of one text."""
_LARGEST: Final = 2**53


class MarkedEntity(msgspec.Struct, frozen=True):
    """One as it stands in a file; what else stands there is passed over."""

    entity: str
    start: int
    end: int
    value: EntityValue | None = None
    text: str | None = None


def annotations(marked: Sequence[MarkedEntity], text: str) -> tuple[Annotation, ...]:
    """
    Give what is marked in a text as it stands in its file; readers take the blanks around it away.

    Raises:
        ValueError: a place that the text has not; the sentence says which.
    """
    if len(marked) > _AT_MOST:
        raise ValueError(f"entities: {len(marked):,} are more than {_AT_MOST:,}")
    kept = text.strip()
    left = len(text) - len(text.lstrip())
    found = []
    for number, one in enumerate(marked):
        start, end = one.start - left, one.end - left
        if not one.entity.strip():
            raise ValueError(f"entities[{number}]: the name is empty")
        if not _is_plain(one.entity) or not _is_plain(one.value):
            raise ValueError(f"entities[{number}]: half a character, or a number that is none or too large")
        if not 0 <= start < end <= len(kept):
            raise ValueError(f"entities[{number}]: the text has no characters {one.start} to {one.end}")
        if one.text is not None and one.text != kept[start:end]:
            raise ValueError(f"entities[{number}]: {kept[start:end]!r:.50} stands there, not {one.text!r:.50}")
        found.append(Annotation(one.entity, start, end, one.value))
    return tuple(sorted(found, key=lambda annotation: annotation[1:3]))


def _is_plain(value: EntityValue | None) -> bool:
    """Say whether JSON can hold it, and other languages than Python read it."""
    if isinstance(value, str):
        return not HALF_A_CHARACTER.search(value)
    return value is None or abs(value) <= _LARGEST


def annotated(example: Example) -> dict[str, Any]:
    """Give the key that marks an example in JSON, where anybody looked at it."""
    if example.entities is None:
        return {}
    return {
        "entities": [
            {"entity": one.entity, "start": one.start, "end": one.end}
            | ({} if one.value is None else {"value": one.value})
            for one in example.entities
        ]
    }
