"""What a model is held against before a version of it may answer: a frozen test set, and what must always be so."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from ..domain.example import Example, text_of
from ..domain.version_errors import InvalidChecksError

EXAMPLES_AT_MOST: Final = 100_000
_TEXT_AT_MOST: Final = 10_000
_BYTES_AT_MOST: Final = 12 << 20  # of the test set as it is kept
_AROUND_EACH: Final = 32
_NO_TEXT: Final = re.compile("[\ud800-\udfff]")  # halves of surrogate pairs, which no file can hold

_Text = Annotated[str, Meta(min_length=1, max_length=_TEXT_AT_MOST)]
_Intent = Annotated[str, Meta(min_length=1, max_length=256)]
_Share = Annotated[float, Meta(ge=0, le=1)]


class FrozenText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A text of the test set, and the intent that is right for it."""

    text: _Text
    intent: _Intent


class MustCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that must always be answered so, whatever else becomes better."""

    text: _Text
    intent: Annotated[_Intent | None, Meta(description="null: it must not be answered by any intent.")]


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By how much a version may be worse than the active one and answer all the same."""

    accuracy: Annotated[_Share, Meta(description="So far may the share of the test set fall that is right.")] = 0.01
    intent: Annotated[_Share, Meta(description="So may that of one intent; one example is never too many.")] = 0.2


class Checks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of a model."""

    test: Annotated[list[FrozenText], Meta(max_length=EXAMPLES_AT_MOST)] = []
    must: Annotated[list[MustCase], Meta(max_length=1_000, description="What must always be so.")] = []
    allowance: Allowance = Allowance()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hold a version against."""
        return not self.test and not self.must

    def with_test(self, examples: Iterable[Example]) -> "Checks":
        """Give the same with another test set; the order of the examples does not matter."""
        texts = sorted({FrozenText(text_of(example.input), example.intent) for example in examples if _fits(example)})
        kept, n_bytes = [], 0
        for text in texts:
            n_bytes += len(msgspec.json.encode(text)) + _AROUND_EACH
            if n_bytes < _BYTES_AT_MOST:
                kept.append(text)
        return msgspec.structs.replace(self, test=kept[:EXAMPLES_AT_MOST])


def to_content(checks: Checks) -> dict[str, Any]:
    """
    Give checks as plain values.

    Raises:
        InvalidChecksError: they hold what no file can.
    """
    told = [(f"test[{row}]", one.text, one.intent) for row, one in enumerate(checks.test)]
    told += [(f"must[{row}]", one.text, one.intent or "") for row, one in enumerate(checks.must)]
    for field, text, intent in told:
        if _NO_TEXT.search(text + intent):
            raise InvalidChecksError(f"{field} holds half of a character", field)
    content: dict[str, Any] = msgspec.to_builtins(checks)
    if len(msgspec.json.encode(content)) > _BYTES_AT_MOST:
        raise InvalidChecksError(f"the checks are over {_BYTES_AT_MOST:,} bytes", "test")
    return content


def from_content(content: Mapping[str, Any]) -> Checks:
    """
    Read what `to_content` gave.

    Raises:
        InvalidChecksError: it did not.
    """
    try:
        return msgspec.convert(content, Checks)
    except ValueError as error:  # also of half a character
        raise InvalidChecksError(f"the checks cannot be read: {error}") from None


def _fits(example: Example) -> bool:
    text = text_of(example.input)
    return 0 < len(text) <= _TEXT_AT_MOST and not _NO_TEXT.search(text + example.intent)
