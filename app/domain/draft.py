"""
The draft of a model: the examples that people and requests edit, and that the next training learns from.

A version keeps the snapshot that it was trained on; the draft goes on from there. Times are UTC; `id` is a time id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from .example import Reply

MAX_TEXT_CHARS: Final = 10_000
MAX_INTENT_CHARS: Final = 200


class LabelledText(NamedTuple):
    """A text with the intent that somebody gives it; without one it is out of scope."""

    text: str
    intent: str | None


@dataclass(frozen=True, slots=True)
class DraftExample:
    """A text with the intent that somebody gave it, and where it came from; without an intent it is out of scope."""

    id: UUID
    model: str
    text: str
    intent: str | None
    source: str
    """`request`, `file NAME`, `version N`, `review`."""
    caller: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a draft beside its examples."""

    model: str
    revision: int
    """Counts the changes; who changes it says which one he has seen, or does not care. 0: there is no draft yet."""
    n_examples: int
    changed_at: datetime | None = None
    replies: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What became of a draft, and of the examples that were to change it."""

    draft: Draft
    n_added: int = 0
    n_known: int = 0
    """Had the same text under the same intent already, or twice."""
    n_replaced: int = 0
    """Had the same text under another intent, which the later one replaced."""
    n_removed: int = 0
    ids: tuple[UUID, ...] = ()
    """Of the examples that hold the texts given, in their order."""


@dataclass(frozen=True, slots=True)
class ExampleFilter:
    """Which examples are wanted; None: whatever it is."""

    search: str | None = None
    """What the text has to hold; small letters and capitals of ASCII are the same."""
    intent: str | None = None
    is_out_of_scope: bool = False
    """Those without an intent."""
    source: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every example is wanted."""
        return self == ExampleFilter()
