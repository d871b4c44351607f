"""
JSON Lines: `{"text": …, "intent": …}` a line, as a version keeps its examples; an intent of null is out of scope.

`entities` may mark what is named in the text.
"""

from typing import Any, Final

import msgspec

from ...domain.example import Dataset, Example
from . import jsonl_lines
from .annotations import MarkedEntity, annotations

_KEYS: Final = frozenset({"text", "intent"})


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    intent: str | None
    entities: list[MarkedEntity] | None = None


def read(text: str, source: str) -> Dataset:
    """
    Read examples, and texts that no intent is meant for.

    Raises:
        UnreadableDataError: lines that are not examples, each with its number.
    """
    return jsonl_lines.read_lines(text, source, _Line, "{'text': …, 'intent': …}", _example)


def begins(text: str) -> bool:
    """Say whether a text that begins with a bracket is JSON Lines: an object that ends on the line it began on."""
    return jsonl_lines.begins(text, ('{"text"', '{"intent"'), _is_row)


def _is_row(first: dict[str, Any], rest: str) -> bool:
    return bool(_KEYS & first.keys()) or rest.startswith("{")


def _example(row: _Line, number: int) -> Example | str:
    if not row.text.strip():
        raise ValueError("the text is empty")
    if row.intent is not None and not row.intent.strip():
        raise ValueError("the intent is empty; null is for texts out of scope")
    marked = None if row.entities is None else annotations(row.entities, row.text)
    return row.text.strip() if row.intent is None else Example(row.text.strip(), row.intent.strip(), number, marked)
