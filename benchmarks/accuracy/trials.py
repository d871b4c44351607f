"""Trials, what they come to, and which of them an invocation asks for."""

from collections.abc import Iterator, Sequence

import msgspec

from .contract import Contender
from .sets import SETS


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One training and its measurement; without a fold it learns from all training rows and meets the test rows."""

    set_name: str
    contender: str
    seed: int
    fold: int | None = None
    """From 0."""
    folds: int | None = None
    """How many there are."""

    def __str__(self) -> str:
        """Name it in a line of progress."""
        part = "test" if self.fold is None else f"fold {self.fold + 1}/{self.folds}"
        return f"{self.set_name}  {self.contender}  seed {self.seed}  {part}"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial came to. The served size and the time of one text are not measured in every fold."""

    accuracy: float
    n_training: int
    n_measured: int
    n_unknown: int
    """Texts of which nothing was known; they count as wrong."""
    seconds: float
    """Of training, imports apart."""
    peak_bytes: int
    """Most memory that the process held until it had learned, libraries included."""
    served_bytes: int | None = None
    p50_us: float | None = None
    note: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file of results: a trial, what decided its outcome, and where and when it was made."""

    trial: Trial
    outcome: Outcome
    config: str
    """Digest of the contender's configuration."""
    code: str
    """Digest of the project's own sources that it is made of; empty for a reference."""
    data: str
    """Digest of the rows."""
    jobs: int
    """Trials that ran at once: with more than one its times say little."""
    machine: str
    date: str


def asked_for(  # noqa: PLR0913 - one per flag
    sets: Sequence[str],
    contenders: Sequence[Contender],
    *,
    n_seeds: int,
    n_folds: int,
    only_folds: int,
    test: bool,
) -> Iterator[Trial]:
    """
    Give the trials in an order in which an early stop leaves contenders that compare.

    A contender that no seed changes meets the test rows once.
    """
    for set_name in sets:
        folds = range(only_folds if SETS[set_name].cross_validated else 0)
        for seed in range(n_seeds):
            for fold in folds:
                for contender in contenders:
                    yield Trial(set_name=set_name, contender=contender.name, seed=seed, fold=fold, folds=n_folds)
            for contender in contenders:
                if test and (contender.seeded or seed == 0):
                    yield Trial(set_name=set_name, contender=contender.name, seed=seed)
