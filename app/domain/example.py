"""
What a model learns from.

An input is a text or a record (named fields); the model's input schema says which one it takes. Where only texts are
kept (drafts, checks, the request log), a record stands as its canonical JSON: keys sorted, no blanks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from .entity import Annotation

Input: TypeAlias = str | Mapping[str, object]


class InputKind(StrEnum):
    """What a model takes."""

    TEXT = "text"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Example:
    """An input and the intent somebody gave it; `line` is where it stands in its file, from 1."""

    input: Input
    intent: str
    line: int | None = None
    entities: tuple[Annotation, ...] | None = None
    """What somebody marked in the text; none at all where nobody looked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a bot may say when an intent was found, and how the conversation goes on; `texts` may be empty."""

    texts: tuple[str, ...]
    context_set: str = ""
    """The context that the conversation is in from then on."""
    context_filter: str = ""
    """The context that it has to be in for the intent to be meant."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples as they were read, and the replies that came along with them, by intent."""

    examples: tuple[Example, ...]
    replies: Mapping[str, Reply] = field(default_factory=dict)
    source: str = ""
    out_of_scope: tuple[str, ...] = ()
    """Texts that none of the intents is meant for, or the canonical JSON of such records."""
    notes: tuple[str, ...] = ()
    """What of the file was left out, and how much."""

    def intents(self) -> list[str]:
        """Give the intents of the examples, each once, sorted by code point."""
        return sorted({example.intent for example in self.examples})


def inputs_of(examples: Sequence[Example]) -> list[Input]:
    """Give the inputs of examples, in order."""
    return [example.input for example in examples]


def text_of(model_input: Input) -> str:
    """Give the text itself, or the canonical JSON of a record."""
    if isinstance(model_input, str):
        return model_input
    return json.dumps(model_input, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def record_of(model_input: Input) -> Mapping[str, object] | None:
    """Give the record itself, or that of which the text is the JSON; None where it is of none."""
    if not isinstance(model_input, str):
        return model_input
    if not model_input.lstrip().startswith("{"):
        return None
    try:
        record = json.loads(model_input)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
