"""
The chatbot tutorials' `intents.json`.

An object with a list `intents` of objects: `tag`, `patterns`, and optionally `responses` and `context_set`.
"""

import bisect
import json
import json.scanner
import re
from typing import Any

from ...domain.example import Dataset, Example, Reply
from ...domain.training_errors import UnreadableDataError
from ..bounds import PROBLEMS_AT_MOST

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_KNOWN = {"tag", "patterns", "responses", "context_set", "context_filter", "context"}


def read(text: str, source: str) -> Dataset:
    """
    Read examples and replies; intents that stand twice are taken together.

    Raises:
        UnreadableDataError: places that are not as they should be, each with its line.
    """
    examples: list[Example] = []
    replies: dict[str, Reply] = {}
    problems: list[tuple[int | None, str]] = []
    for number, item in enumerate(_intents(text, source), 1):
        if len(problems) >= PROBLEMS_AT_MOST:
            break
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
            before = replies.get(tag, Reply(()))
            replies[tag] = Reply(before.texts + responses, str(item.get("context_set") or before.context_set))
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), replies, source)


def _intents(text: str, source: str) -> list[Any]:
    try:
        content = _LineDecoder(text).decode(text)
    except json.JSONDecodeError as error:
        problem: tuple[int | None, str] = (error.lineno, f"not JSON: {error.msg} (column {error.colno})")
    except RecursionError:
        problem = (None, "not an intents file: nested too deeply")
    except ValueError:  # Python's bound on the digits of a number, the one other thing that json lets through
        problem = (None, "not an intents file: a number of too many digits")
    else:
        if isinstance(content, dict) and isinstance(content.get("intents"), list):
            return list(content["intents"])
        problem = (1, "expected an object with a list `intents`")
    raise UnreadableDataError(source, [problem])


def _problem_of(item: object) -> str | None:
    """Say what is wrong with one intent, or None."""
    if not isinstance(item, dict):
        return "expected an object"
    if unknown := set(item) - _KNOWN:
        return f"unknown key {min(unknown)!r}"
    if not isinstance(item.get("tag"), str) or not item["tag"].strip():
        return "`tag` is missing or empty: the intent has no name"
    if not isinstance(item.get("context_set") or "", str):
        return "`context_set` is not a text"
    return _problem_of_texts(item)


def _problem_of_texts(item: dict[str, Any]) -> str | None:
    if "patterns" not in item:
        return "`patterns` is missing"
    for key in ("patterns", "responses"):
        texts = item.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return f"`{key}` is not a list of texts"
        if any(map(_HALF_A_CHARACTER.search, texts)):
            return f"`{key}` holds half a character (a lone surrogate)"
    return "`tag` holds half a character (a lone surrogate)" if _HALF_A_CHARACTER.search(item["tag"]) else None


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
