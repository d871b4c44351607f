"""The data sets by name, their rows, and the folds that every contender gets alike."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

OUT_OF_SCOPE: Final = "oos"
_HEADING: Final = "text\tintent"


class Row(NamedTuple):
    """A text and its intent."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """Where a set lies below the folder of data, and whether it is large enough to choose by cross-validation."""

    folder: str
    train: str = "train.tsv"
    test: str = "test.tsv"
    cross_validated: bool = False


SETS: Final = {
    "snips": DataSet("snips", cross_validated=True),
    "clinc150": DataSet("clinc150_full", cross_validated=True),
    "banking77": DataSet("banking77", train="train_full.tsv", cross_validated=True),
    "banking77_5": DataSet("banking77_fewshot", train="train_5.tsv"),
    "banking77_10": DataSet("banking77_fewshot", train="train_10.tsv"),
    "clinc150_5": DataSet("clinc150_fewshot", train="train_5.tsv"),
    "clinc150_10": DataSet("clinc150_fewshot", train="train_10.tsv"),
    "chatbot": DataSet("chatbot"),
    "askubuntu": DataSet("askubuntu"),
    "webapplications": DataSet("webapplications"),
}


class Split(NamedTuple):
    """What one trial learns from and is measured with."""

    training: list[Row]
    measured: list[Row]


def training_rows(data: Path, name: str) -> list[Row]:
    """
    Read the training rows of a set that are in scope.

    Raises:
        OSError, ValueError: the file cannot be read, or is not what it should be.
    """
    return _read(data / SETS[name].folder / SETS[name].train)


def test_rows(data: Path, name: str) -> list[Row]:
    """
    Read the test rows of a set that are in scope.

    Raises:
        OSError, ValueError: the file cannot be read, or is not what it should be.
    """
    return _read(data / SETS[name].folder / SETS[name].test)


def fold_of(rows: Sequence[Row], seed: int, n_folds: int, fold: int) -> Split:
    """Divide training rows: the fold is measured, the others are learned from; the same for the same seed."""
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    learned, held_out = list(folds.split(rows, [row.intent for row in rows]))[fold]
    return Split([rows[i] for i in learned], [rows[i] for i in held_out])


def rows_digest(data: Path, name: str, with_test: bool) -> str:  # noqa: FBT001 - callers keep it as a key
    """Name the rows that a trial of a set can see by their content."""
    rows = [*training_rows(data, name), *(test_rows(data, name) if with_test else [])]
    return hashlib.sha256("\n".join(map("\t".join, rows)).encode()).hexdigest()[:12]


def _read(path: Path) -> list[Row]:
    heading, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if heading != _HEADING:
        raise ValueError(f"{path.name}: the heading is {heading!r}, not {_HEADING!r}")
    rows = [Row(*line.split("\t")) for line in lines]
    return [row for row in rows if row.intent != OUT_OF_SCOPE]
