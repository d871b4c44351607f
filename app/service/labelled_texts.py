"""Texts with intents as a draft takes them: trimmed, checked, and known again however they are typed."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from ..domain.draft import MAX_INTENT_CHARS, MAX_TEXT_CHARS, LabelledText
from ..domain.draft_errors import InvalidExamplesError
from ..domain.example import Dataset, Example, text_of
from ..text.normalization import same_form

Placed = Callable[[int, str], str]
"""Names a field of the example of that number, so that whoever sent it finds it."""

_DIGEST_BYTES: Final = 16
_NOT_STORED: Final = re.compile("[\0\ud800-\udfff]")
_CONTROL: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")


def in_list(number: int, field: str) -> str:
    """Name a field as it stands in a request of several examples."""
    return f"examples[{number}].{field}"


def checked(texts: Iterable[LabelledText], place: Placed = in_list) -> list[LabelledText]:
    """
    Trim texts and intents.

    Raises:
        InvalidExamplesError: some cannot be taken; all of them are named.
    """
    taken: list[LabelledText] = []
    problems: list[tuple[str, str]] = []
    for number, (text, intent) in enumerate(texts):
        one = LabelledText(text.strip(), None if intent is None else intent.strip())
        if problem := _problem_of_text(one.text):
            problems.append((place(number, "text"), problem))
        if one.intent is not None and (problem := _problem_of_intent(one.intent)):
            problems.append((place(number, "intent"), problem))
        taken.append(one)
    if problems:
        raise InvalidExamplesError(problems)
    return taken


def form_of(text: str) -> bytes:
    """Give what texts have in common that are learned as the same; one without a word is only like itself."""
    form = same_form(text) or text
    return hashlib.blake2b(form.encode(), digest_size=_DIGEST_BYTES).digest()


def texts_of(dataset: Dataset) -> Iterator[LabelledText]:
    """Give the texts of a dataset, those out of scope behind the others."""
    for example in dataset.examples:
        yield LabelledText(text_of(example.input), example.intent)
    for text in dataset.out_of_scope:
        yield LabelledText(text, None)


def places_in(dataset: Dataset) -> Placed:
    """Name what is wrong by the line where there is one."""
    lines = [example.line for example in dataset.examples]

    def place(number: int, field: str) -> str:
        if number >= len(lines):
            return f"out_of_scope[{number - len(lines)}]"
        return in_list(number, field) if lines[number] is None else f"line {lines[number]}, {field}"

    return place


def storable(dataset: Dataset) -> list[LabelledText]:
    """Give the texts of a dataset that was learned from, with a blank for what no database can hold."""
    return [
        LabelledText(_NOT_STORED.sub(" ", text).strip(), None if intent is None else _NOT_STORED.sub(" ", intent))
        for text, intent in texts_of(dataset)
    ]


def as_dataset(texts: Sequence[LabelledText]) -> tuple[tuple[Example, ...], tuple[str, ...]]:
    """Give examples, and the texts out of scope."""
    examples = tuple([Example(text, intent) for text, intent in texts if intent is not None])
    return examples, tuple([text for text, intent in texts if intent is None])


def _problem_of_text(text: str) -> str | None:
    if not text:
        return "the text is empty"
    if len(text) > MAX_TEXT_CHARS:
        return f"the text has {len(text):,} characters; the limit is {MAX_TEXT_CHARS:,}"
    return "the text holds NUL or half a character (a lone surrogate)" if _NOT_STORED.search(text) else None


def _problem_of_intent(intent: str) -> str | None:
    if not intent:
        return "the intent is empty; null is for texts out of scope"
    if len(intent) > MAX_INTENT_CHARS:
        return f"the intent has {len(intent):,} characters; the limit is {MAX_INTENT_CHARS:,}"
    return "the intent holds a control character" if _CONTROL.search(intent) else None
