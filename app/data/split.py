"""Hold examples out, intent by intent, the same ones for the same seed."""

import random
from collections import defaultdict
from collections.abc import Sequence

from ..domain.example import Example


def stratified_split(examples: Sequence[Example], fraction: float, seed: int) -> tuple[list[Example], list[Example]]:
    """
    Divide examples into those to learn from and those held out; both keep their order.

    About `fraction` of each intent is held out, never its only example.
    """
    held_out: set[int] = set()
    for rows in _shuffled_rows(examples, seed):
        held_out.update(rows[: min(round(fraction * len(rows)), len(rows) - 1)])
    kept = [example for row, example in enumerate(examples) if row not in held_out]
    return kept, [examples[row] for row in sorted(held_out)]


def split_texts(texts: Sequence[str], fraction: float, seed: int) -> tuple[list[str], list[str]]:
    """Divide texts in the same way, as if they were of one intent."""
    kept, held_out = stratified_split([Example(text, "") for text in texts], fraction, seed)
    return [str(example.input) for example in kept], [str(example.input) for example in held_out]


def folds(examples: Sequence[Example], n_folds: int, seed: int) -> list[tuple[list[Example], list[Example]]]:
    """
    Divide examples `n_folds` times into those to learn from and those held out, each held out once.

    The examples of an intent are dealt out in turn; its only one is always learned from.
    """
    fold_of: dict[int, int] = {}
    dealt = 0
    for rows in _shuffled_rows(examples, seed):
        for row in rows if len(rows) > 1 else []:
            fold_of[row] = dealt % n_folds
            dealt += 1
    return [
        (
            [example for row, example in enumerate(examples) if fold_of.get(row) != fold],
            [example for row, example in enumerate(examples) if fold_of.get(row) == fold],
        )
        for fold in range(n_folds)
    ]


def _shuffled_rows(examples: Sequence[Example], seed: int) -> list[list[int]]:
    """Give the rows of each intent in an order of chance; the intents are in that of their names."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        rows_of[example.intent].append(row)
    chance = random.Random(seed)  # noqa: S311 - a split, not a secret
    shuffled = [rows_of[intent] for intent in sorted(rows_of)]
    for rows in shuffled:
        chance.shuffle(rows)
    return shuffled
