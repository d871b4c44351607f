"""Running text, such as what people write about themselves: its words, the characters within them, and its looks."""

import math
import re
from typing import Final

from ...text.analyzer import TextAnalyzer, TextConfig
from ...text.ngrams import character_ngrams, word_ngrams
from .contract import FieldReader, Presence, Reading, share

# The last letter of a host's name is enough: whoever wants the whole name begins again at each of its hyphens.
_LINK: Final = re.compile(r"https?://|\bwww\.|\w-*\.[a-z]{2,12}/", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w")
_LONGEST_WORD: Final = 40
_CHARACTERS: Final = (3, 4)

NUMBERS: Final = (
    "characters",
    "words",
    "share of capitals",
    "share of digits",
    "share of marks",
    "links",
    "addresses",
    "lines",
    "longest word",
)


def reader_of(config: TextConfig) -> FieldReader:
    """Give the reader of texts that are taken apart as a configuration says."""
    analyzer = TextAnalyzer(config)

    def read(text: str) -> Reading:
        words = analyzer.words(text)
        of_words = tuple([f"w {term}" for n in (1, 2) for term in word_ngrams(words, n)])
        of_characters = tuple(
            [f"c {term}" for word in words for term in character_ngrams(word[:_LONGEST_WORD], *_CHARACTERS)]
        )
        return Reading(Presence.HELD, (of_words, of_characters), _looks(text, words))

    return FieldReader(NUMBERS, read)


def _looks(text: str, words: list[str]) -> tuple[float, ...]:
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    blanks = sum(map(str.isspace, text))
    return (
        math.log1p(len(text)),
        math.log1p(len(words)),
        share(sum(map(str.isupper, text)), letters),
        share(digits, len(text)),
        share(len(text) - letters - digits - blanks, len(text)),
        math.log1p(len(_LINK.findall(text))),
        math.log1p(len(_ADDRESS.findall(text))),
        math.log1p(text.count("\n")),
        math.log1p(max(map(len, words), default=0)),
    )
