"""
Rasa NLU's JSON: an object `rasa_nlu_data` with a list `common_examples` of objects with `text` and `intent`.

`entities` mark what is named in a text; where no example has any, nobody marked them. What else the format holds
(synonyms, regular expressions, lookup tables) says nothing about intents: it is left out, and how much it was is told,
as are marks that are not within their text.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ...domain.entity import Annotation
from ...domain.example import Dataset, Example
from ...domain.training_errors import UnreadableDataError
from ..bounds import PROBLEMS_AT_MOST
from .annotations import MarkedEntity, annotations
from .located_json import HALF_A_CHARACTER, line_in, line_of, read_document

_LEFT_OUT: Final = {
    "entity_synonyms": "synonyms",
    "regex_features": "regular expressions",
    "lookup_tables": "lookup tables",
}


def read(text: str, source: str) -> Dataset:
    """
    Read examples.

    Raises:
        UnreadableDataError: places that are not as they should be, each with its line.
    """
    data = _data(text, source)
    examples: list[Example] = []
    left_out: Counter[str] = Counter()
    n_wrong = 0
    problems: list[tuple[int | None, str]] = []
    for number, item in enumerate(data["common_examples"], 1):
        if len(problems) >= PROBLEMS_AT_MOST:
            break
        if problem := _problem_of(item):
            problems.append((line_in(item), f"example {number}: {problem}"))
            continue
        given, text = item.get("entities"), str(item["text"])
        marked = None if given is None else _marked(given, text)
        n_wrong += len(given or ()) - len(marked or ())
        examples.append(Example(text.strip(), str(item["intent"]).strip(), line_of(item["text"]), marked))
    if problems:
        raise UnreadableDataError(source, problems)
    left_out.update({what: len(data[key]) for key, what in _LEFT_OUT.items() if isinstance(data.get(key), list)})
    notes = tuple(
        f"{count:,} {what} left out: intents are learned, nothing else" for what, count in left_out.items() if count
    )
    if n_wrong:
        notes += (
            f"{n_wrong:,} entities left out: each is to be an object with `entity`, and `start` and `end` in its text",
        )
    if not any(example.entities for example in examples):
        examples = [
            replace(example, entities=None) if example.entities is not None else example for example in examples
        ]
    return Dataset(tuple(examples), source=source, notes=notes)


def _marked(given: list[Any], text: str) -> tuple[Annotation, ...]:
    """Give the marks that are right, each by itself."""
    marked: list[Annotation] = []
    for one in given:
        try:
            marked += annotations([msgspec.convert(one, MarkedEntity)], text)
        except ValueError:  # msgspec's is one of them
            continue
    return tuple(sorted(marked, key=lambda annotation: annotation[1:3]))


def _data(text: str, source: str) -> Mapping[str, Any]:
    content = read_document(text, source, "a Rasa NLU file")
    data = content.get("rasa_nlu_data") if isinstance(content, dict) else None
    if isinstance(data, dict) and isinstance(data.get("common_examples"), list):
        return data
    raise UnreadableDataError(source, [(1, "expected an object `rasa_nlu_data` with a list `common_examples`")])


def _problem_of(item: object) -> str | None:
    """Say what is wrong with one example, or None."""
    if not isinstance(item, dict):
        return "expected an object"
    for key in ("text", "intent"):
        value = item.get(key)
        if not isinstance(value, str):
            return f"`{key}` is missing or not a text"
        if not value.strip():
            return f"the {key} is empty"
        if HALF_A_CHARACTER.search(value):
            return f"`{key}` holds half a character (a lone surrogate)"
    if not isinstance(item.get("entities") or [], list):
        return "`entities` is not a list"
    return None
