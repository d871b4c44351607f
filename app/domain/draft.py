"""
The draft of a model: the examples that people and requests edit, and that the next training learns from.

A version keeps the snapshot that it was trained on; the draft goes on from there. Times are UTC; `id` is a time id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from .example import Reply


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
    """Counts the changes; who changes it says which one he has seen, or does not care."""
    n_examples: int
    changed_at: datetime
    replies: Mapping[str, Reply] = field(default_factory=dict)
