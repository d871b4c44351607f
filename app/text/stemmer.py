"""
Reduce words to stems, where a model's configuration asks for it.

The stemmers are NLTK's. NLTK is imported by the first model that stems: the import costs a second and 146 MB where
scikit-learn is installed, which no other model should pay.
"""

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from ..domain.errors import InvalidValueError

Stem: TypeAlias = Callable[[str], str]

_CACHED_WORDS: Final = 20_000
_BYTES_OF_A_WORD: Final = 250
_LONGEST_CACHED: Final = 40  # characters; what is longer than any word could fill the memory
_SNOWBALL: Final = (
    "arabic", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian",
    "porter", "portuguese", "romanian", "russian", "spanish", "swedish",
)  # fmt: skip


def check_stemmer(name: str) -> str:
    """
    Give the name back where it names a stemmer: `none`, `lancaster` or `snowball:<language>`.

    Raises:
        InvalidValueError: it names none.
    """
    kind, _, language = name.partition(":")
    if name in ("none", "lancaster") or (kind == "snowball" and language in _SNOWBALL):
        return name
    raise InvalidValueError(
        "text.stemmer",
        f"{name!r} is not one of none, lancaster, {', '.join('snowball:' + s for s in _SNOWBALL)}",
    )


def build_stemmer(name: str) -> "Stemmer | None":
    """
    Give the stemmer of that name with a bounded cache of words, or None for `none`.

    Raises:
        InvalidValueError: no stemmer has that name.
    """
    kind, _, language = check_stemmer(name).partition(":")
    if kind == "none":
        return None
    stem: Stem
    if kind == "lancaster":
        from nltk.stem.lancaster import LancasterStemmer

        stem = LancasterStemmer().stem
    else:
        from nltk.stem.snowball import SnowballStemmer

        stem = SnowballStemmer(language).stem
    return Stemmer(stem)


class Stemmer:
    """Stems a word at a time, in any thread, and remembers what it has stemmed, up to a bound."""

    def __init__(self, stem: Stem) -> None:
        """Take what stems."""
        # NLTK's stemmers keep state while they work, and requests share this one
        turn = threading.Lock()

        def stem_in_turn(word: str) -> str:
            with turn:
                return stem(word)

        self._stem = stem_in_turn
        self._remembered = lru_cache(maxsize=_CACHED_WORDS)(stem_in_turn)

    def __call__(self, word: str) -> str:
        """Give the stem of a word."""
        return self._remembered(word) if len(word) <= _LONGEST_CACHED else self._stem(word)

    @property
    def remembered_bytes(self) -> int:
        """Say how much memory the words take that are remembered, about."""
        return self._remembered.cache_info().currsize * _BYTES_OF_A_WORD
