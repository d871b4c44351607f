"""
JSON Lines: `{"text": …, "intent": …}` a line, as a version keeps its examples; an intent of null is out of scope.

`entities` may mark what is named in the text.
"""

import json
from typing import Final

import msgspec

from ...domain.example import Dataset, Example
from ...domain.training_errors import UnreadableDataError
from ..bounds import LINE_AT_MOST, PROBLEMS_AT_MOST
from .annotations import MarkedEntity, annotations

_KEYS: Final = frozenset({"text", "intent"})


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    intent: str | None
    entities: list[MarkedEntity] | None = None


def read(text: str, source: str) -> Dataset:
    """
    Read examples, and texts that no intent is meant for; blank lines are none.

    Raises:
        UnreadableDataError: lines that are not examples, each with its number.
    """
    examples: list[Example] = []
    out_of_scope: list[str] = []
    problems: list[tuple[int | None, str]] = []
    decoder = msgspec.json.Decoder(_Line)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(problems) == PROBLEMS_AT_MOST:
            break
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            problems.append((number, f"not {{'text': …, 'intent': …}}: {error}"))
            continue
        problem = _problem_of(row)
        try:
            marked = None if row.entities is None else annotations(row.entities, row.text)
        except ValueError as error:
            problem = problem or str(error)
        if problem:
            problems.append((number, problem))
        elif row.intent is None:
            out_of_scope.append(row.text.strip())
        else:
            examples.append(Example(row.text.strip(), row.intent.strip(), number, marked))
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), source=source, out_of_scope=tuple(out_of_scope))


def begins(text: str) -> bool:
    """Say whether a text that begins with a bracket is JSON Lines: an object that ends on the line it began on."""
    first, _, rest = text.lstrip().partition("\n")
    if len(first) > LINE_AT_MOST:  # it may be a whole document, which is not read to find that out
        return False
    try:
        content = json.loads(first)
    except (ValueError, RecursionError):
        # a first line that is wrong, before others that are not
        return rest.lstrip().startswith(('{"text"', '{"intent"'))
    return isinstance(content, dict) and (bool(_KEYS & content.keys()) or rest.lstrip().startswith("{"))


def _problem_of(row: _Line) -> str | None:
    """Say what is wrong with a line that has the right keys, or None."""
    if not row.text.strip():
        return "the text is empty"
    if row.intent is not None and not row.intent.strip():
        return "the intent is empty; null is for texts out of scope"
    return None
