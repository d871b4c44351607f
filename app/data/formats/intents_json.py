"""
The chatbot tutorials' `intents.json`.

An object with a list `intents` of objects: `tag`, `patterns`, and optionally `responses` and `context_set`.
"""

import bisect
import json
import json.scanner
from typing import Any

from ...domain.errors import UnreadableDataError
from ...domain.example import Dataset, Example, Reply

_KNOWN = {"tag", "patterns", "responses", "context_set", "context_filter", "context"}


def read(text: str, source: str) -> Dataset:
    """
    Read examples and replies.

    Raises:
        UnreadableDataError: places that are not as they should be, each with its line.
    """
    try:
        content = _LineDecoder(text).decode(text)
    except json.JSONDecodeError as error:
        raise UnreadableDataError(source, [(error.lineno, f"not JSON: {error.msg}")]) from None
    except RecursionError:
        raise UnreadableDataError(source, [(None, "not an intents file: nested too deeply")]) from None
    intents = content.get("intents") if isinstance(content, dict) else None
    if not isinstance(intents, list):
        raise UnreadableDataError(source, [(1, "expected an object with a list `intents`")])
    examples: list[Example] = []
    replies: dict[str, Reply] = {}
    problems: list[tuple[int | None, str]] = []
    for number, item in enumerate(intents, 1):
        problem = _problem_of(item)
        if problem:
            problems.append((_line_in(item), f"intent {number}: {problem}"))
            continue
        tag = str(item["tag"]).strip()
        for pattern in item["patterns"]:
            if pattern.strip():
                examples.append(Example(str(pattern).strip(), tag, _line_of(pattern)))
            else:
                problems.append((_line_of(pattern), f"intent {tag!r}: the text is empty"))
        responses = tuple(str(response) for response in item.get("responses", ()) if response.strip())
        if responses:
            replies[tag] = Reply(responses, str(item.get("context_set") or ""))
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), replies, source)


def _problem_of(item: object) -> str | None:
    """Say what is wrong with one intent, or None."""
    if not isinstance(item, dict):
        return "expected an object"
    if not isinstance(item.get("tag"), str) or not item["tag"].strip():
        return "`tag` is missing or empty: the intent has no name"
    for key in ("patterns", "responses"):
        texts = item.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return f"`{key}` is not a list of texts"
    unknown = set(item) - _KNOWN
    return f"unknown key {min(unknown)!r}" if unknown else None


class _Located(str):
    """A text that knows the line it began on."""

    __slots__ = ("line",)
    line: int


class _LineDecoder(json.JSONDecoder):
    """Gives every text of a document its line; json tells lines of syntax errors only."""

    def __init__(self, document: str) -> None:
        super().__init__()
        ends = [position for position, character in enumerate(document) if character == "\n"]
        plain = json.decoder.scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

        def located(text: str, position: int, strict: bool = True) -> tuple[_Located, int]:  # noqa: FBT001, FBT002 - json's signature
            value, end = plain(text, position, strict)
            found = _Located(value)
            found.line = bisect.bisect_left(ends, position - 1) + 1
            return found, end

        self.parse_string = located
        # the C scanner ignores parse_string
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]  # typeshed leaves it out


def _line_of(value: object) -> int | None:
    return value.line if isinstance(value, _Located) else None


def _line_in(item: Any) -> int | None:  # noqa: ANN401 - any JSON value
    values = item.values() if isinstance(item, dict) else item if isinstance(item, list) else [item]
    for value in values:
        line = _line_in(value) if isinstance(value, dict | list) else _line_of(value)
        if line is not None:
            return line
    return None
