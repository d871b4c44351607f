"""
What a model learns from.

An input is a text or a record (named fields); the model's input schema says which one it takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Input: TypeAlias = str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Example:
    """An input and the intent somebody gave it; `line` is where it stands in its file, from 1."""

    input: Input
    intent: str
    line: int | None = None


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
    """Texts that none of the intents is meant for."""
    notes: tuple[str, ...] = ()
    """What of the file was left out, and how much."""

    def intents(self) -> list[str]:
        """Give the intents of the examples, each once, sorted by code point."""
        return sorted({example.intent for example in self.examples})


def inputs_of(examples: Sequence[Example]) -> list[Input]:
    """Give the inputs of examples, in order."""
    return [example.input for example in examples]
