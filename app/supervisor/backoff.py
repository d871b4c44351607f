"""How long to wait before a worker that died is replaced. There is no last try."""

from typing import Final

_DOUBLED_AT_MOST: Final = 30


class Backoff:
    """Waits of 0, then `first_s` doubled each time up to `most_s`, for deaths that follow each other soon."""

    def __init__(self, *, first_s: float = 0.1, most_s: float = 5.0, settled_s: float = 10.0) -> None:
        """Begin anew after a worker that lived for `settled_s` or longer."""
        self._first_s, self._most_s, self._settled_s = first_s, most_s, settled_s
        self._n_early = 0

    def after(self, lived_s: float) -> float:
        """Give the seconds to wait after the death of a worker that lived this long."""
        if lived_s >= self._settled_s:
            self._n_early = 0
        self._n_early += 1
        if self._n_early == 1:
            return 0.0
        return float(min(self._first_s * 2 ** min(self._n_early - 2, _DOUBLED_AT_MOST), self._most_s))
