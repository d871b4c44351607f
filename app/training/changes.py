"""Say what a further training has gained, and what it has forgotten."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ..domain.example import Example, inputs_of
from ..pipeline.intent_pipeline import IntentPipeline
from ..planning.merge import Merged

_SHOWN: Final = 20
"""Intents that are told one by one."""
_NAMED: Final = 5


def changes(version: int, merged: Merged, before: IntentPipeline, now: IntentPipeline) -> list[str]:
    """Compare how a version answers what it was trained on and what was added with how its successor does."""
    kept = merged.kept()
    knew, knows = _right(before, kept), _right(now, kept)
    forgotten = [example for example, was, still in zip(kept, knew, knows, strict=True) if was and not still]
    n_recalled = sum(not was and now_is for was, now_is in zip(knew, knows, strict=True))
    n_outside = len(merged.added_out_of_scope)
    outside = f" and {n_outside:,} text{'s' * (n_outside != 1)} out of scope" if n_outside else ""
    sentences = [f"continued from version {version}: {_counted(len(merged.added))} new{outside}", *merged.notes()]
    known_before = set(before.label_encoder.intents)
    if gone := sorted(known_before - set(now.label_encoder.intents)):
        sentences.append(f"no example is left of {_listed(gone)}")
    sentences += _gained(merged.added, _right(now, merged.added), _right(before, merged.added), known_before)
    of_intents = Counter(example.intent for example in forgotten).most_common(_NAMED)
    which = f", of which {', '.join(f'{count:,} of {intent!r}' for intent, count in of_intents)}" if forgotten else ""
    sentences.append(f"forgot: {len(forgotten):,} of {_counted(sum(knew))} it knew{which}")
    if n_recalled:
        sentences.append(f"right now, and wrong before: {_counted(n_recalled)} it had learned from")
    return sentences


def _gained(added: Sequence[Example], right: Sequence[bool], before: Sequence[bool], known: set[str]) -> list[str]:
    """Say of each intent, those with most new examples first, how many of them are right."""
    counts = Counter(example.intent for example in added)
    right_now = Counter(example.intent for example, is_right in zip(added, right, strict=True) if is_right)
    right_before = Counter(example.intent for example, was in zip(added, before, strict=True) if was)
    sentences = [
        f"{'intent' if intent in known else 'new intent'} {intent!r}: {right_now[intent]:,} of {count:,} of its new "
        f"examples are right ({right_before[intent]:,} before)"
        for intent, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    rest = sentences[_SHOWN:]
    return [*sentences[:_SHOWN], f"and {len(rest):,} more intents with new examples"] if rest else sentences


def _right(pipeline: IntentPipeline, examples: Sequence[Example]) -> list[bool]:
    predictions = pipeline.predict(inputs_of(examples), top_k=1) if examples else []
    return [prediction.best == example.intent for example, prediction in zip(examples, predictions, strict=True)]


def _counted(n_examples: int) -> str:
    return f"{n_examples:,} example{'s' * (n_examples != 1)}"


def _listed(intents: Sequence[str]) -> str:
    return ", ".join(map(repr, intents[:_NAMED])) + f" and {len(intents) - _NAMED:,} more" * (len(intents) > _NAMED)
