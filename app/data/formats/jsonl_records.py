"""JSON Lines of records: `{"record": {…}, "intent": …}` a line, as a version keeps them; null is out of scope."""

from typing import Any

import msgspec

from ...domain.example import Dataset, Example, text_of
from . import jsonl_lines


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    record: dict[str, Any]
    intent: str | None


def read(text: str, source: str) -> Dataset:
    """
    Read examples, and records that no intent is meant for.

    Raises:
        UnreadableDataError: lines that are not examples, each with its number.
    """
    return jsonl_lines.read_lines(text, source, _Line, "{'record': {…}, 'intent': …}", _example)


def begins(text: str) -> bool:
    """Say whether a text that begins with a bracket is JSON Lines of records."""
    beginnings = ('{"record"', "{'record'")
    return jsonl_lines.begins(text, beginnings, lambda first, _: "record" in first and "text" not in first)


def _example(row: _Line, number: int) -> Example | str:
    if row.intent is None:
        return text_of(row.record)
    if not row.intent.strip():
        raise ValueError("the intent is empty; null is for records out of scope")
    return Example(row.record, row.intent.strip(), number)
