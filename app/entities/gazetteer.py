"""
Names that are listed: a dictionary of their folded words, looked up word by word; the longest name wins.

A text takes as long as it has words, however many names are listed.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from ..domain.errors import InvalidValueError
from .asked import SPANS_AT_MOST, Asked, Found, Span, Word, follows, words_in

_CHARS_AT_MOST: Final = 200
_WORDS_AT_MOST: Final = 16
_PHRASES_AT_MOST: Final = 400_000


class Gazetteer:
    """Finds listed names on the bounds of words, however they are cased and accented."""

    takes_time = False

    def __init__(self, phrases: Mapping[str, Sequence[str]], where: str) -> None:
        """
        Take values with their synonyms; `where` names them in errors.

        Raises:
            InvalidValueError: a name that no text can hold, or one that stands for two values.
        """
        self._values: dict[str, str] = {}
        self._longest: dict[str, int] = {}
        for value, synonyms in phrases.items():
            for phrase in (value, *synonyms):
                self._add(phrase, value, where)

    def find(self, asked: Asked) -> Found:
        """Find the listed names of a text, from its beginning on."""
        words, longest = asked.words, self._longest
        spans: list[Span] = []
        place = 0
        while place < len(words):
            n_words = longest.get(words[place].key, 0)
            n_words = self._n_words_at(asked, place, n_words) if n_words else 0
            if n_words:
                if len(spans) == SPANS_AT_MOST:
                    return Found(spans, is_complete=False)
                last = words[place + n_words - 1]
                spans.append(Span(words[place].start, last.end, self._values[_key(words[place : place + n_words])]))
            place += n_words or 1
        return Found(spans)

    def _n_words_at(self, asked: Asked, place: int, longest: int) -> int:
        """Say how many words the longest name has that begins there; 0: none does."""
        words, together = asked.words[place : place + longest], 1
        while together < len(words) and follows(asked.text, words[together - 1], words[together]):
            together += 1
        return next((n for n in range(together, 0, -1) if _key(words[:n]) in self._values), 0)

    def _add(self, phrase: str, value: str, where: str) -> None:
        words = words_in(phrase) if len(phrase) <= _CHARS_AT_MOST else []
        if not 0 < len(words) <= _WORDS_AT_MOST:
            problem = (
                f"a name has 1 to {_WORDS_AT_MOST} words and up to {_CHARS_AT_MOST} characters, unlike {phrase!r:.50}"
            )
            raise InvalidValueError(where, problem)
        if not all(follows(phrase, one, other) for one, other in pairwise(words)):
            raise InvalidValueError(where, f"what stands between the words of {phrase!r:.50} stands in no name")
        key = _key(words)
        known = self._values.setdefault(key, value)
        if known != value:
            raise InvalidValueError(where, f"{phrase!r:.50} would stand for {known!r:.50} as well as for {value!r:.50}")
        if len(self._values) > _PHRASES_AT_MOST:
            raise InvalidValueError(where, f"values and synonyms are more than {_PHRASES_AT_MOST:,} together")
        first = words[0].key
        self._longest[first] = max(len(words), self._longest.get(first, 0))


def _key(words: Sequence[Word]) -> str:
    return words[0].key if len(words) == 1 else " ".join([word.key for word in words])
