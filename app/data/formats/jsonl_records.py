"""JSON Lines of records: `{"record": {…}, "intent": …}` a line, as a version keeps them; null is out of scope."""

import json
from typing import Any, Final

import msgspec

from ...domain.example import Dataset, Example, text_of
from ...domain.training_errors import UnreadableDataError
from ..bounds import LINE_AT_MOST, PROBLEMS_AT_MOST

_BEGINNINGS: Final = ('{"record"', "{'record'")


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    record: dict[str, Any]
    intent: str | None


def read(text: str, source: str) -> Dataset:
    """
    Read examples, and records that no intent is meant for; blank lines are none.

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
            problems.append((number, f"not {{'record': {{…}}, 'intent': …}}: {error}"))
            continue
        if row.intent is None:
            out_of_scope.append(text_of(row.record))
        elif not row.intent.strip():
            problems.append((number, "the intent is empty; null is for records out of scope"))
        else:
            examples.append(Example(row.record, row.intent.strip(), number))
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), source=source, out_of_scope=tuple(out_of_scope))


def begins(text: str) -> bool:
    """Say whether a text that begins with a bracket is JSON Lines of records."""
    first, _, rest = text.lstrip().partition("\n")
    if len(first) > LINE_AT_MOST:  # it may be a whole document, which is not read to find that out
        return False
    try:
        content = json.loads(first)
    except (ValueError, RecursionError):
        # a first line that is wrong, before others that are not
        return rest.lstrip().startswith(_BEGINNINGS)
    return isinstance(content, dict) and "record" in content and "text" not in content
