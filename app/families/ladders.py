"""
Numbers as how far each has climbed a ladder of its own: its rungs are quantiles of what was seen in training.

After Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning" (piecewise linear
encoding). What lies beyond the last rung is on top and not further: nothing that anybody sends is large.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_NARROW: Final = 1e-6


class Ladders:
    """The ladders of numbers that always come in one order; immutable."""

    def __init__(self, rungs: NDArray[np.float32]) -> None:
        """Take the rungs of each, rising: (n_numbers, n_steps + 1)."""
        if rungs.ndim != 2 or rungs.shape[1] < 2 or not np.isfinite(rungs).all():  # noqa: PLR2004
            raise ValueError(f"no ladders: {rungs.shape}")
        self.rungs = rungs
        self._feet = rungs[:, :-1].astype(np.float64)
        self._heights = np.maximum(np.diff(rungs.astype(np.float64), axis=1), _NARROW)

    @classmethod
    def learn(cls, rows: Sequence[Sequence[float]], n_numbers: int, n_steps: int) -> Self:
        """Put the rungs where equally many of the numbers seen lie between them; what is no number is not counted."""
        seen = np.array(rows, dtype=np.float64).reshape(len(rows), n_numbers)
        rungs = np.zeros((n_numbers, n_steps + 1), dtype=np.float32)
        for column, ladder in zip(seen.T, rungs, strict=True):
            known = np.sort(column[np.isfinite(column)])
            if not len(known):
                continue
            quantiles = np.unique(np.quantile(known, np.linspace(0, 1, n_steps + 1)).astype(np.float32))
            ladder[: len(quantiles)] = quantiles
            ladder[len(quantiles) :] = quantiles[-1]
        return cls(rungs)

    @property
    def n_steps(self) -> int:
        """Count the steps of all."""
        return int(self._feet.size)

    def climbed(self, numbers: Sequence[float]) -> NDArray[np.float32]:
        """Give of every step how much of it is below the number, (n_steps,); nothing of what is not a number."""
        values = np.array(numbers, dtype=np.float64)[:, np.newaxis]
        steps = np.where(np.isnan(values), 0.0, np.clip((values - self._feet) / self._heights, 0.0, 1.0))
        return steps.ravel().astype(np.float32)
