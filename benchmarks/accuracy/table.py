"""Tables of contenders (rows) by sets (columns), in Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median, stdev
from typing import Final

from .trials import Record

_NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Told:
    """The records to tell of, and who and what they are about, in the order of the tables."""

    records: Sequence[Record]
    sets: Sequence[str]
    titles: dict[str, str]
    """Of contenders, by name."""

    def where(self, wanted: Callable[[Record], bool]) -> "Told":
        """Give the part of which something is true; sets and contenders without a record are left out."""
        records = [record for record in self.records if wanted(record)]
        sets, contenders = ({getattr(r.trial, name) for r in records} for name in ("set_name", "contender"))
        titles = {name: title for name, title in self.titles.items() if name in contenders}
        return Told(records, [name for name in self.sets if name in sets], titles)

    def of(self, contender: str, set_name: str) -> list[Record]:
        """Give the records of one cell."""
        return [r for r in self.records if (r.trial.contender, r.trial.set_name) == (contender, set_name)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell: what it is compared by, how that is written, and what stands after it."""

    value: float
    figure: str
    after: str = ""

    def __str__(self) -> str:
        """Write it."""
        return f"{self.figure}{self.after}"


def accuracy_table(told: Told) -> list[str]:
    """Give percent, mean ± standard deviation over seeds."""
    return _table(told, _accuracy, best=max)


def cost_table(told: Told, of: Callable[[Record], float | None], form: str) -> list[str]:
    """Give the median over trials of something that is better when there is less of it."""

    def figure(records: Sequence[Record]) -> Figure | None:
        values = [value for record in records if (value := of(record)) is not None]
        return Figure(median(values), format(median(values), form)) if values else None

    return _table(told, figure, best=min)


def fold_table(told: Told) -> list[str]:
    """Give percent, fold by fold, a row for each set, contender and seed."""
    n_folds = max(1 + (record.trial.fold or 0) for record in told.records)
    lines = _heading("set, contender, seed", [str(fold + 1) for fold in range(n_folds)])
    for set_name in told.sets:
        for name, title in told.titles.items():
            by_place = {(r.trial.seed, r.trial.fold): r.outcome.accuracy for r in told.of(name, set_name)}
            for seed in sorted({seed for seed, _ in by_place}):
                cells = [_percent(by_place.get((seed, fold))) for fold in range(n_folds)]
                lines.append(f"| {set_name}, {title}, {seed} | {' | '.join(cells)} |")
    return lines


def _accuracy(records: Sequence[Record]) -> Figure | None:
    if not records:
        return None
    seeds = sorted({record.trial.seed for record in records})
    means = [100 * mean(r.outcome.accuracy for r in records if r.trial.seed == seed) for seed in seeds]
    spread = f" ± {stdev(means):.2f}" if len(means) > 1 else ""
    return Figure(mean(means), f"{mean(means):.2f}", spread)


def _table(
    told: Told,
    figure: Callable[[Sequence[Record]], Figure | None],
    best: Callable[[Sequence[float]], float],
) -> list[str]:
    lines = _heading("", told.sets)
    columns = [[figure(told.of(name, set_name)) for name in told.titles] for set_name in told.sets]
    written = [_written(column, best) for column in columns]
    for row, title in enumerate(told.titles.values()):
        lines.append(f"| {title} | {' | '.join(column[row] for column in written)} |")
    return lines


def _written(column: Sequence[Figure | None], best: Callable[[Sequence[float]], float]) -> list[str]:
    """Write a column, the best in bold with all that read the same; alone in its column, none is."""
    figures = [figure for figure in column if figure]
    chosen = best([figure.value for figure in figures]) if len(figures) > 1 else None
    bold = {figure.figure for figure in figures if figure.value == chosen}
    return [_NONE if f is None else f"**{f}**" if f.figure in bold else str(f) for f in column]


def _heading(first: str, columns: Sequence[str]) -> list[str]:
    return [f"| {first} | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]


def _percent(accuracy: float | None) -> str:
    return _NONE if accuracy is None else f"{100 * accuracy:.2f}"
