"""The bundled `support` data, a part of them added ten by ten."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.data.reader import read_dataset
from app.domain.example import Example

from .trial import Model, Trial

_DATA = Path(__file__).resolve().parents[2] / "training_data" / "support"
_A_ROUND = 10
_TOLD_EVERY = 10
_FOLD = 5


def trials(family: str, seed: int, n_rounds: int, *, with_test: bool) -> Iterator[Trial]:
    """Train on what is left out of no round, then round by round, then on all from nothing."""
    examples = list(read_dataset(_DATA / "train.csv").examples)
    random.Random(seed).shuffle(examples)  # noqa: S311 - a draw, not a secret
    asked: Sequence[Example] = read_dataset(_DATA / "test.csv").examples
    if not with_test:
        n_asked = len(examples) // _FOLD
        asked, examples = examples[:n_asked], examples[n_asked:]
    n_first = len(examples) - n_rounds * _A_ROUND
    with tempfile.TemporaryDirectory() as folder:
        model = Model(Path(folder), family, seed)
        model.train(examples[:n_first])
        yield model.measured(f"{n_first:,} examples", asked)
        for number in range(1, n_rounds + 1):
            start = n_first + (number - 1) * _A_ROUND
            model.add(examples[start : start + _A_ROUND])
            if number % _TOLD_EVERY == 0 or number == n_rounds:
                yield model.measured(f"after {number} rounds", asked)
        model.train(examples)
        yield model.measured(f"{len(examples):,} from nothing", asked)
