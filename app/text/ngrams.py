"""Short runs of words and of characters, the features of the bag families."""

from collections.abc import Sequence
from typing import Final

# Around a word, so that its beginning and end are told from its middle. Never part of a normalised text.
START: Final = "\x02"
END: Final = "\x03"


def word_ngrams(words: Sequence[str], n: int) -> list[str]:
    """Give the runs of `n` words, joined by a blank; none where there are fewer words."""
    if n == 1:
        return list(words)
    return [" ".join(run) for run in zip(*[words[start:] for start in range(n)], strict=False)]


def character_ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Give the runs of `shortest` to `longest` characters of one word between its marks, as they come."""
    marked = START + word + END
    return [
        marked[i : i + n] for n in range(shortest, min(longest, len(marked)) + 1) for i in range(len(marked) - n + 1)
    ]
