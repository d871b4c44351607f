"""
The chatbot tutorials' `intents.json`.

An object with a list `intents` of objects: `tag`, `patterns`, and optionally `responses`, `context_set` (the context
that the conversation is in once the intent was found) and `context_filter` (the one it has to be in before).
"""

from typing import Any, Final

from ...domain.example import Dataset, Example, Reply
from ...domain.training_errors import UnreadableDataError
from ..bounds import PROBLEMS_AT_MOST
from .located_json import HALF_A_CHARACTER, line_in, line_of, read_document

_KNOWN = {"tag", "patterns", "responses", "context_set", "context_filter", "context"}
_CONTEXTS: Final = ("context_set", "context_filter")


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
            problems.append((line_in(item), f"intent {number}: {problem}"))
            continue
        tag = str(item["tag"]).strip()
        for pattern in item["patterns"]:
            if pattern.strip():
                examples.append(Example(str(pattern).strip(), tag, line_of(pattern)))
            else:
                problems.append((line_of(pattern), f"intent {tag!r}: the text is empty"))
        if (reply := _reply_of(item, replies.get(tag, Reply(())))) != Reply(()):
            replies[tag] = reply
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), replies, source)


def _intents(text: str, source: str) -> list[Any]:
    content = read_document(text, source, "an intents file")
    if isinstance(content, dict) and isinstance(content.get("intents"), list):
        return list(content["intents"])
    raise UnreadableDataError(source, [(1, "expected an object with a list `intents`")])


def _reply_of(item: dict[str, Any], before: Reply) -> Reply:
    """Add what an intent says to what it said where it stood before."""
    responses = tuple(str(response) for response in item.get("responses", ()) if response.strip())
    context_set, context_filter = (str(item.get(key) or "").strip() for key in _CONTEXTS)
    return Reply(before.texts + responses, context_set or before.context_set, context_filter or before.context_filter)


def _problem_of(item: object) -> str | None:
    """Say what is wrong with one intent, or None."""
    if not isinstance(item, dict):
        return "expected an object"
    if unknown := set(item) - _KNOWN:
        return f"unknown key {min(unknown)!r}"
    if not isinstance(item.get("tag"), str) or not item["tag"].strip():
        return "`tag` is missing or empty: the intent has no name"
    for key in _CONTEXTS:
        if not isinstance(context := item.get(key) or "", str):
            return f"`{key}` is not a text"
        if HALF_A_CHARACTER.search(context):
            return f"`{key}` holds half a character (a lone surrogate)"
    return _problem_of_texts(item)


def _problem_of_texts(item: dict[str, Any]) -> str | None:
    if "patterns" not in item:
        return "`patterns` is missing"
    for key in ("patterns", "responses"):
        texts = item.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return f"`{key}` is not a list of texts"
        if any(map(HALF_A_CHARACTER.search, texts)):
            return f"`{key}` holds half a character (a lone surrogate)"
    return "`tag` holds half a character (a lone surrogate)" if HALF_A_CHARACTER.search(item["tag"]) else None
