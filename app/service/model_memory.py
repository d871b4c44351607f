"""The versions in memory: found without a lock, and within a budget, beyond which the least recently used is let go."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from .model_state import LoadedModel

Key: TypeAlias = tuple[str, int]

_MB: Final = 1 << 20


class _Place:
    __slots__ = ("model", "used_at")

    def __init__(self, model: LoadedModel) -> None:
        self.model, self.used_at = model, time.monotonic()


class ModelMemory:
    """Holds loaded versions by name and version; safe to share between threads."""

    def __init__(self, budget_mb: int = 0) -> None:
        """Hold nothing yet; a budget of 0 is none."""
        self.budget_bytes = budget_mb * _MB
        self.unloaded_bytes = 0
        """Of all that was let go since the process began."""
        self.n_unloaded = 0
        self.bytes_beside: Callable[[LoadedModel], int] = lambda _: 0
        """Says what others keep of a version for as long as it is here."""
        self._places: dict[Key, _Place] = {}
        self._changing = threading.Lock()
        self._loaded_bytes = self._remembered_bytes = 0

    def __len__(self) -> int:
        """Count the versions."""
        return len(self._places)

    @property
    def held_bytes(self) -> int:
        """What all of them hold, about."""
        return self._loaded_bytes + self._remembered_bytes

    def find(self, name: str, version: int) -> LoadedModel | None:
        """Give a version that is to be used now, or None where it is not here."""
        place = self._places.get((name, version))
        if place is None:
            return None
        place.used_at = time.monotonic()
        return place.model

    def peek(self, name: str, version: int | None) -> LoadedModel | None:
        """Give a version to be looked at, which counts as no use."""
        place = self._places.get((name, version)) if version is not None else None
        return place.model if place else None

    def versions_of(self, name: str) -> list[LoadedModel]:
        """Give the versions of a model that are here, to be looked at."""
        return [place.model for key, place in list(self._places.items()) if key[0] == name]

    def has_room(self) -> bool:
        """Say whether one more could be held without another being let go, if it is as large as the largest here."""
        largest = max((place.model.n_bytes for place in list(self._places.values())), default=0)
        return not self.budget_bytes or self.held_bytes + largest <= self.budget_bytes

    def make_room(self, n_bytes: int) -> None:
        """Let go of what stands in the way of so many more bytes."""
        with self._changing:
            self._let_go(n_bytes, None)

    def keep(self, model: LoadedModel) -> None:
        """Hold a version; a single one is held whatever the budget says."""
        key = (model.name, model.version)
        with self._changing:
            self._drop(key)
            self._places[key] = _Place(model)
            self._loaded_bytes += model.n_bytes
            self._let_go(0, key)

    def drop(self, name: str, version: int | None = None) -> None:
        """Let go of a version, or of all versions of a model."""
        with self._changing:
            for key in [key for key in self._places if key[0] == name and version in (None, key[1])]:
                self._drop(key)

    def measure(self) -> None:
        """Count what answering has added to the models, and let go of what is then too much."""
        with self._changing:
            places = self._places.values()
            self._remembered_bytes = sum(self._remembered(place.model) for place in places)
            self._let_go(0, None)

    def _remembered(self, model: LoadedModel) -> int:
        return model.pipeline.features.remembered_bytes + self.bytes_beside(model)

    def _let_go(self, n_bytes: int, spared: Key | None) -> None:
        while self.budget_bytes and self.held_bytes + n_bytes > self.budget_bytes:
            others = [key for key in self._places if key != spared]
            if not others or (spared is None and not n_bytes and len(others) == 1):
                return
            self._drop(min(others, key=lambda key: self._places[key].used_at))

    def _drop(self, key: Key) -> None:
        place = self._places.pop(key, None)
        if place is None:
            return
        remembered = min(self._remembered(place.model), self._remembered_bytes)
        self._loaded_bytes -= place.model.n_bytes
        self._remembered_bytes -= remembered
        self.unloaded_bytes += place.model.n_bytes + remembered
        self.n_unloaded += 1
