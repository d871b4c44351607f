"""A text in which entities are looked for: its words, folded so that case, accents and width make no difference."""

import re
import unicodedata
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple, Protocol

from ..domain.entity import EntityValue
from ..text.normalization import normalize
from ..text.tokenizer import WORD

SPANS_AT_MOST: Final = 100
"""Of one entity in one text."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_BETWEEN: Final = re.compile(r"[\s.,'’&/()-]{0,3}")
"""What may stand between two words of one name."""


class Word(NamedTuple):
    """A word of a text."""

    key: str
    """What it has in common with other ways to write it."""
    start: int
    end: int


class Span(NamedTuple):
    """A place in a text, and what stands there."""

    start: int
    end: int
    value: EntityValue


class Found(NamedTuple):
    """The places of one entity in a text; those of one finder do not overlap."""

    spans: list[Span]
    is_complete: bool = True


class Asked:
    """A text, and the moment that "tomorrow" is counted from."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text, self.now = text, now

    @cached_property
    def words(self) -> list[Word]:
        """Its words, in order."""
        return words_in(self.text)


class Finder(Protocol):
    """What finds the places of one entity; threads may share it."""

    takes_time: bool
    """Whether a text can take it milliseconds."""

    def find(self, asked: Asked) -> Found:
        """Find them."""


def words_in(text: str) -> list[Word]:
    """Give the words of a text, in order; a mark alone is none."""
    return [Word(key, *match.span()) for match in WORD.finditer(text) if (key := folded(match[0]))]


def follows(text: str, one: Word, other: Word) -> bool:
    """Say whether no more stands between a word and the next than between words of one name."""
    return bool(_BETWEEN.fullmatch(text, one.end, other.start))


def folded(word: str) -> str:
    """Give what is compared: the word as models learn it, without accents."""
    if word.isascii():
        return word.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", normalize(word)))
    return unicodedata.normalize("NFC", plain)
