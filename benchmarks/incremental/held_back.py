"""CLINC150, ten of its intents held back and then added."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from app.domain.example import Example

from ..accuracy.sets import test_rows, training_rows
from .trial import Model, Trial

_SET = "clinc150"
_N_HELD_BACK = 10
_N_ADDED = 20
_FOLD = 5  # one text in so many is measured with where the test data are not


def trials(data: Path, family: str, seed: int, *, with_test: bool) -> Iterator[Trial]:
    """Train on 140 intents, add ten, and train on all from nothing."""
    chance = random.Random(seed)  # noqa: S311 - a draw, not a secret
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for row in training_rows(data, _SET):
        by_intent[row.intent].append(Example(row.text, row.intent))
    held_back = set(chance.sample(sorted(by_intent), _N_HELD_BACK))
    first: list[Example] = []
    added: list[Example] = []
    asked = [Example(row.text, row.intent) for row in test_rows(data, _SET)] if with_test else []
    for intent in sorted(by_intent):
        examples = by_intent[intent]
        chance.shuffle(examples)
        if not with_test:
            n_asked = len(examples) // _FOLD
            asked += examples[:n_asked]
            examples = examples[n_asked:]
        if intent in held_back:
            added += examples[:_N_ADDED]
        else:
            first += examples
    old = [example for example in asked if example.intent not in held_back]
    new = [example for example in asked if example.intent in held_back]
    with tempfile.TemporaryDirectory() as folder:
        model = Model(Path(folder), family, seed)
        model.train(first)
        yield model.measured("140 intents", old)
        model.add(added)
        yield model.measured("10 more added", old, new)
        model.train([*first, *added])
        yield model.measured("150 from nothing", old, new)
