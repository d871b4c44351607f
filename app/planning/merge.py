"""Put examples to those that a model has learned from."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from ..domain.entity import Annotation
from ..domain.example import Dataset, Example, Input, text_of
from ..text.normalization import same_form

_SHOWN: Final = 5
_OUT_OF_SCOPE: Final = None
"""Stands for the intent of texts that have none."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What is known and what was added, each text once."""

    dataset: Dataset
    """All of it: what was kept first, then what was added."""
    added: tuple[Example, ...]
    """Those of the examples that are new, or have another intent than before."""
    added_out_of_scope: tuple[str, ...]
    replaced: tuple[Example, ...]
    """As they were known before; they are no longer."""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was added at all."""
        return not self.added and not self.added_out_of_scope

    def kept(self) -> tuple[Example, ...]:
        """Give the examples that were known and still are."""
        return self.dataset.examples[: len(self.dataset.examples) - len(self.added)]

    def notes(self) -> list[str]:
        """Say what became of examples that were known already."""
        if not self.replaced:
            return []
        counts = Counter(example.intent for example in self.replaced).most_common()
        named = ", ".join(f"{count:,} of {intent!r}" for intent, count in counts[:_SHOWN])
        more = f" and {len(counts) - _SHOWN:,} more intents" if len(counts) > _SHOWN else ""
        n_replaced = len(self.replaced)
        were = "example was" if n_replaced == 1 else "examples were"
        return [f"{n_replaced:,} {were} given another intent than before: {named}{more}"]


def merge(known: Dataset, added: Dataset) -> Merged:
    """
    Add examples; a text that is known with another intent has the one it was given last.

    Texts are the same where they differ in nothing that a model sees: case, spacing, punctuation after the last word;
    records where all fields are the same.
    """
    given: dict[str, tuple[Input, str | None]] = {}
    marked: dict[str, tuple[Annotation, ...] | None] = {}
    for example in added.examples:
        key = _key(example.input)
        given[key], marked[key] = (example.input, example.intent), example.entities
    for text in added.out_of_scope:
        given[_key(text)] = (text, _OUT_OF_SCOPE)
    kept: list[Example] = []
    replaced: list[Example] = []
    same: set[str] = set()
    for example in known.examples:
        key = _key(example.input)
        if key not in given or given[key][1] == example.intent:
            kept.append(example)
            same.add(key)
        else:
            replaced.append(example)
    outside = [text for text in known.out_of_scope if given.get(key := _key(text), ("", None))[1] is _OUT_OF_SCOPE]
    same.update(map(_key, outside))
    fresh = [(key, *pair) for key, pair in given.items() if key not in same]
    examples = tuple([Example(text, intent, entities=marked[key]) for key, text, intent in fresh if intent is not None])
    texts = tuple([text_of(text) for _, text, intent in fresh if intent is None])
    dataset = replace(
        known,
        examples=(*kept, *examples),
        replies={**known.replies, **added.replies},
        out_of_scope=(*outside, *texts),
        source=added.source or known.source,
    )
    return Merged(dataset, examples, texts, tuple(replaced))


def _key(model_input: Input) -> str:
    return same_form(model_input) or text_of(model_input)
