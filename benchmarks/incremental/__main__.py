"""
Measure what incremental training keeps and gains.

    python -m benchmarks.incremental --data DIR [--families bow,lstm_attention] [--seeds 3] [--rounds 50] [--no-test]

Intents held back: of CLINC150 ten intents are left out of the first training, then added by 20 examples each. Rounds:
of the bundled `support` data 500 examples are left out of the first training, then added by ten. Both beside a training
from nothing on the same examples. Choose by the folds (`--no-test`); the test data are for the last table only.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from . import held_back, rounds
from .trial import Trial

_COLUMNS = ("family", "seed", "what", "old %", "new %", "all %", "ECE", "CPU s")


@click.command(help=__doc__.split("\n\n")[0].strip() if __doc__ else None)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--families", default="bow", show_default=True, help="with commas between them")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="0, 1, ...")
@click.option("--rounds", "n_rounds", type=click.IntRange(0), default=50, show_default=True)
@click.option("--held-back/--no-held-back", "with_held_back", default=True)
@click.option("--test/--no-test", default=True, help="whether to measure on the test data, or on a fold")
def main(  # noqa: PLR0913 - one per flag
    *, data: Path, families: str, seeds: int, n_rounds: int, with_held_back: bool, test: bool
) -> None:
    """Measure, and print a row for each model."""
    print(" | ".join(_COLUMNS))
    for family in families.split(","):
        for seed in range(seeds):
            trials: list[Iterable[Trial]] = []
            if with_held_back:
                trials.append(held_back.trials(data, family, seed, with_test=test))
            if n_rounds:
                trials.append(rounds.trials(family, seed, n_rounds, with_test=test))
            for some in trials:
                for trial in some:
                    print(f"{family} | {seed} | {trial.row()}")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
