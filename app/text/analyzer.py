"""
From a text to the words a model sees: normalised, tokenised, bare punctuation dropped, stemmed where asked.

One analyser serves training and serving of a model, so the two cannot drift apart.
"""

from typing import Final

import msgspec

from .normalization import normalize
from .stemmer import build_stemmer, check_stemmer
from .tokenizer import tokenize

# Marks that separate or decorate words. Symbols that say something by themselves ($, %, emoji) stay words.
_PUNCTUATION: Final = frozenset(
    "!\"'()*,-./:;<>?@[\\]^_`{|}~…‥·–—―‐‑‒¡¿«»‹›。、，．！？；：「」『』【】〈〉《》〔〕（）·،؛؟۔।॥"
)


class TextConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How text becomes words."""

    stemmer: str = "none"

    def __post_init__(self) -> None:
        """Refuse a stemmer that does not exist."""
        check_stemmer(self.stemmer)


class TextAnalyzer:
    """Turns a text into words; safe to share between threads."""

    def __init__(self, config: TextConfig) -> None:
        self._stem = build_stemmer(config.stemmer)

    @property
    def remembered_bytes(self) -> int:
        """Say how much memory is taken by what is remembered of texts, about."""
        return self._stem.remembered_bytes if self._stem else 0

    def words(self, text: str) -> list[str]:
        """Give the words of a text in order; the list may be empty."""
        normalized = normalize(text)
        tokens = tokenize(normalized)
        words = [token for token in tokens if token[0] not in _PUNCTUATION or not _PUNCTUATION.issuperset(token)]
        if "." in normalized:
            # the tokenizer, as NLTK's, takes a text for one sentence and leaves other full stops on their words
            words = [word[:-1] if word[-1] == "." and "." not in word[:-1] else word for word in words]
        if self._stem is None:
            return words
        return [stem for word in words if (stem := self._stem(word))]
