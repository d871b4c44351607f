"""Whether times of two kinds can be told apart."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from .accounts import Kind

_LEVEL: Final = 0.01
"""How often kinds that are alike would be told apart, over all pairs."""
_SHUFFLES: Final = 500
_STEP_MS: Final = 0.01
_STEPS: Final = 5_000

Times = NDArray[np.float64]


class Told(NamedTuple):
    """What the times tell of two kinds."""

    one: Kind
    other: Kind
    p: float
    """Of Mann-Whitney's test, two-sided."""
    level: float
    """Below it, the two would be told apart."""
    best_share: float
    """Of the tries that one threshold puts into the right kind, the best there is, seen afterwards."""
    by_chance: float
    """What that comes to in 95 of 100 where labels are shuffled."""
    least_ms: float
    """A difference from here on, of each try, would have been told."""

    @property
    def is_told(self) -> bool:
        """Whether the times tell the two apart."""
        return self.p < self.level


def compare(seconds: Mapping[Kind, Sequence[float]]) -> list[Told]:
    """Compare each kind with each other."""
    random = np.random.default_rng(1)
    pairs = list(combinations(seconds, 2))
    level = _LEVEL / len(pairs)
    found = []
    for one, other in pairs:
        a, b = np.asarray(seconds[one]), np.asarray(seconds[other])
        times, labels = np.concatenate([a, b]), np.repeat([1, -1], [len(a), len(b)])
        shuffled = [_best_share(times, random.permutation(labels)) for _ in range(_SHUFFLES)]
        by_chance = float(np.percentile(shuffled, 95))
        found.append(Told(one, other, _p(a, b), level, _best_share(times, labels), by_chance, _least_ms(a, b, level)))
    return found


def quartiles_ms(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Give both quartiles, with the median between them."""
    first, median, third = np.percentile(np.asarray(seconds), (25, 50, 75)) * 1e3
    return float(first), float(median), float(third)


def _p(a: Times, b: Times) -> float:
    return float(mannwhitneyu(a, b, alternative="two-sided").pvalue)


def _best_share(times: Times, labels: NDArray[np.int64]) -> float:
    """Give the share that the best threshold puts right, whichever kind is held to be the slower one."""
    below = np.cumsum(labels[np.argsort(times)])  # of the one kind more than of the other
    lead = max(int(below.max()), int(-below.min()), 0)
    return 0.5 + lead / len(labels)


def _least_ms(a: Times, b: Times, level: float) -> float:
    """Give the least difference that would have been told, were the two alike otherwise."""
    b = b - np.median(b) + np.median(a)
    low, high = 0, _STEPS
    while low < high:
        step = (low + high) // 2
        low, high = (low, step) if _p(a, b + step * _STEP_MS / 1e3) < level else (step + 1, high)
    return low * _STEP_MS
