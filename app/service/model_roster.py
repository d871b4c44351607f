"""What is known of each model of a registry: one mapping, replaced by assignment, which readers take no lock for."""

import logging
import threading
from collections.abc import Collection, Iterable, Mapping

from ..domain.served import Served
from ..registry.model_registry import ModelRegistry
from ..registry.signatures import NOTHING
from .model_loader import ModelLoader
from .model_memory import ModelMemory
from .model_state import LoadedModel, Summary
from .standing import Care, Doubts, Examiner, Standing, tell

_log = logging.getLogger(__name__)


class ModelRoster:
    """Knows how models stand, and brings the versions that answer into memory where that is asked for."""

    def __init__(self, registry: ModelRegistry, loader: ModelLoader, memory: ModelMemory) -> None:
        self._registry, self._loader, self._memory = registry, loader, memory
        self._examiner = Examiner(registry, self._take)
        self._doubts = Doubts(self._examiner)
        self._changing = threading.Lock()
        self._strays_told: set[str] = set()
        self.standings: Mapping[str, Standing] = {}
        """By name."""
        self.n_changes = 0
        """Of what is served."""

    def expect(self, names: Iterable[str]) -> None:
        """Begin with models of which nothing is known but that they are there."""
        self.standings = {name: Standing(name) for name in names}

    def judge(self, name: str, care: Care) -> None:
        """Find out how a model stands, or that it is gone. One thread at a time for each model."""
        before = self.standings.get(name)
        if not self._registry.holds(name):
            self._forget(name)
            return
        now = self._examiner.examine(name, before or Standing(name), care)
        with self._changing:
            self.standings = {**self.standings, name: now}
            self.n_changes += before is None or before.served != now.served
        tell(before, now)
        if before is not None and before.version not in (None, now.version):
            self._memory.drop(name, before.version)
        for loaded in self._memory.versions_of(name):
            if not self._loader.is_current(loaded) or (loaded.version != now.version and self._is_deleted(loaded)):
                self._memory.drop(name, loaded.version)

    def served(self) -> dict[str, Served]:
        """Say which version of each model answers, and which aliases that goes by."""
        return {name: standing.served for name, standing in self.standings.items()}

    def unchecked(self) -> list[str]:
        """Name the models of which nobody knows whether their files are as they were published."""
        standings = self.standings.items()
        return [name for name, standing in standings if standing.summary is None and standing.problem is None]

    def worth_a_look(self) -> list[str]:
        """Name the models with a problem that may have passed; to be called again and again by one thread."""
        return self._doubts.worth_a_look(self.standings)

    def tell_strays(self, names: Collection[str]) -> None:
        """Write one line about what stands in place of these models, or in them, and means nothing."""
        strays = sorted({stray for name in names for stray in self._registry.strays(name)} - self._strays_told)
        if strays:
            self._strays_told.update(strays)
            _log.warning("passed over in the registry, being no model or version: %s", ", ".join(strays))

    def _is_deleted(self, loaded: LoadedModel) -> bool:
        return self._registry.manifest_signature(loaded.name, loaded.version) == NOTHING

    def _forget(self, name: str) -> None:
        if name in self.standings:
            with self._changing:
                self.standings = {known: standing for known, standing in self.standings.items() if known != name}
                self.n_changes += 1
            self._memory.drop(name)
            _log.info("model %r is gone", name)

    def _take(self, name: str, version: int, care: Care) -> Summary:
        loaded = self._memory.peek(name, version)
        if loaded is None or not self._loader.is_current(loaded):
            if care < Care.LOADED:
                return self._loader.check(name, version)
            loaded = self._loader.load(name, version)
            self._memory.keep(loaded)
        return Summary.of(loaded.manifest.facts)
