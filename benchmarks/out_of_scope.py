"""
What a file of texts out of scope costs and gains: the bundled flights, trained with theirs and without.

    python -m benchmarks.out_of_scope [--families hybrid,bow] [--seeds 1]

All else is a family's default, as it is in config/models/flights.yaml. Measured on the test files, which no training
sees.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from app import IntentModel
from app.data.reader import read_dataset
from app.data.texts import read_texts

ROOT = Path(__file__).resolve().parent.parent
_DATA = ROOT / "training_data" / "flights"
_HEADING = "| family | seed | texts out of scope | recall out of scope | accuracy in scope | named rightly in scope |"


class Measured(NamedTuple):
    """Shares of the test texts."""

    recall: float
    """Of those out of scope: left without an intent."""
    accuracy: float
    """Of those in scope: the likeliest intent is the right one, named or not."""
    named_rightly: float
    """Of those in scope: given the right intent; to abstain is wrong here."""


def measured(family: str, seed: int, outside: Sequence[str]) -> Measured:
    """Train, and ask all test texts."""
    model = IntentModel(family, training={"seed": seed})
    texts, intents = _rows("train.tsv")
    model.fit(texts, intents, out_of_scope=outside)
    asked, truth = _rows("test.tsv")
    answers = model.answers(asked, top_k=1)
    asked_outside = model.answers(read_texts(_DATA / "out_of_scope_test.tsv"), top_k=1)
    return Measured(
        _share([answer.intent is None for answer in asked_outside]),
        _share([answer.best == intent for answer, intent in zip(answers, truth, strict=True)]),
        _share([answer.intent == intent for answer, intent in zip(answers, truth, strict=True)]),
    )


def _rows(name: str) -> tuple[list[str], list[str]]:
    examples = read_dataset(_DATA / name).examples
    return [str(example.input) for example in examples], [example.intent for example in examples]


def _share(held: Sequence[bool]) -> float:
    return sum(held) / len(held)


@click.command(help=__doc__.split("\n\n")[0].strip() if __doc__ else None)
@click.option("--families", default="hybrid", show_default=True, help="with commas between them")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="7, 8, ...; 7 is the default's")
def main(families: str, seeds: int) -> None:
    """Train twice for each family and seed, and print a row for each."""
    print(_HEADING)
    print("|---|---|---|---|---|---|")
    outside = read_texts(_DATA / "out_of_scope.tsv")
    for family in families.split(","):
        for seed in range(7, 7 + seeds):
            for texts in ((), outside):
                one = measured(family, seed, texts)
                shares = " | ".join(f"{share:.1%}" for share in one)
                print(f"| `{family}` | {seed} | {len(texts)} | {shares} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
