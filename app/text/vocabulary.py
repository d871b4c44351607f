"""Terms and their ids: learned from training texts, the same under any hash seed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_GROWTH: Final = 1.2
"""Of the most terms that are kept at first, what later texts may bring them to."""


class Vocabulary:
    """Terms in id order; ids start at `first_id`, so that a family may keep the ids below it for itself."""

    def __init__(self, terms: Sequence[str], *, first_id: int = 0) -> None:
        self.terms = tuple(terms)
        self.first_id = first_id
        self.ids: Mapping[str, int] = {term: number for number, term in enumerate(self.terms, first_id)}

    @classmethod
    def learn(
        cls, texts: Iterable[Sequence[str]], *, min_count: int, max_terms: int, first_id: int = 0
    ) -> "Vocabulary":
        """
        Keep the terms that stand in at least `min_count` texts, the most frequent `max_terms` of them.

        Terms are ordered by falling text count, then by code point, so that nothing depends on hashing.
        """
        counts = Counter(term for text in texts for term in set(text))
        kept = sorted((-count, term) for term, count in counts.items() if count >= min_count)
        return cls([term for _, term in kept[:max_terms]], first_id=first_id)

    def grown(
        self,
        texts: Iterable[Sequence[str]],
        added: Iterable[Sequence[str]],
        *,
        min_count: int,
        max_terms: int,
        first_id: int = 0,
    ) -> "tuple[Vocabulary, int]":
        """
        Append terms of the texts that were added, where at least `min_count` of all `texts` have them.

        There is room for a fifth more than `max_terms`. Terms that are known keep their order.

        Returns:
            The vocabulary, and how many terms it had no room for.
        """
        fresh = {term for text in added for term in text if term not in self.ids}
        counts = Counter(term for text in texts for term in set(text) if term in fresh) if fresh else Counter()
        wanted = sorted((-count, term) for term, count in counts.items() if count >= min_count)
        room = max(int(max_terms * _GROWTH) - len(self), 0)
        terms = [*self.terms, *(term for _, term in wanted[:room])]
        return Vocabulary(terms, first_id=first_id), len(wanted[room:])

    def __len__(self) -> int:
        """Count the terms."""
        return len(self.terms)
