"""What goes in and comes out of `/models/{name}/examples`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

_INTENT = Meta(description="Null: the text is out of scope, no intent is meant for it.")
_REVISION = Meta(description="Of the draft; counts its changes.")
_TOTAL = Meta(description="Examples of the draft.")


class NewExample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text and its intent."""

    text: str
    intent: Annotated[str | None, _INTENT]


class ExamplesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One example, or many under `examples`."""

    text: str | None = None
    intent: Annotated[str | UnsetType | None, _INTENT] = UNSET
    examples: list[NewExample] | None = None

    @property
    def has_intent(self) -> bool:
        """Whether an intent was named, or null."""
        return self.intent is not UNSET

    @property
    def given_intent(self) -> str | None:
        """The intent that was named."""
        return None if self.intent is UNSET else self.intent


class ChangeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed of an example."""

    text: str | UnsetType = UNSET
    intent: Annotated[str | UnsetType | None, _INTENT] = UNSET

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        return self.text is UNSET and self.intent is UNSET


class ExampleItem(msgspec.Struct, frozen=True, kw_only=True):
    """An example, and where it came from."""

    id: UUID
    text: str
    intent: Annotated[str | None, _INTENT]
    source: Annotated[str, Meta(description="`request`, `file NAME`, `version N` or `review`.")]
    caller: str
    created_at: datetime
    changed_at: datetime


class ExamplesReply(msgspec.Struct, frozen=True, kw_only=True):
    """Some examples of a draft, in the order they came in."""

    model: str
    revision: Annotated[int, _REVISION]
    total: Annotated[int, _TOTAL]
    matching: Annotated[int, Meta(description="Examples that are wanted, on all pages.")]
    examples: list[ExampleItem]


class IntentCount(msgspec.Struct, frozen=True):
    """An intent and its examples."""

    intent: Annotated[str | None, Meta(description="Null: texts out of scope.")]
    examples: int


class IntentsReply(msgspec.Struct, frozen=True):
    """How many examples each intent has."""

    model: str
    revision: Annotated[int, _REVISION]
    total: Annotated[int, _TOTAL]
    intents: list[IntentCount]


class AddedReply(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the examples sent."""

    model: str
    revision: Annotated[int, _REVISION]
    total: Annotated[int, _TOTAL]
    added: int
    known: Annotated[int, Meta(description="Had the same text under the same intent already, or twice in the request.")]
    replaced: Annotated[int, Meta(description="Had the same text under another intent; the later one holds.")]
    ids: Annotated[list[UUID], Meta(description="Of the examples that hold the texts sent, in their order.")]


class ChangedReply(msgspec.Struct, frozen=True):
    """An example as it is now."""

    model: str
    revision: Annotated[int, _REVISION]
    example: ExampleItem


class RemovedReply(msgspec.Struct, frozen=True):
    """What became of the draft."""

    model: str
    revision: Annotated[int, _REVISION]
    total: Annotated[int, _TOTAL]
    removed: int
