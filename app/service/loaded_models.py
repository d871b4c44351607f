"""
The models in memory, and which of them answers a reference.

What is loaded is one mapping, replaced by assignment: readers take no lock. Versions that no start-up loads (`name@3`)
are loaded by the first request that asks for them and kept while they are asked for.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from ..domain.errors import (
    AliasNotFoundError,
    DamagedModelError,
    ModelNotFoundError,
    ModelNotReadyError,
    ModelUnavailableError,
    ParleyError,
)
from ..domain.model_reference import ACTIVE, PREVIOUS, ModelReference
from ..domain.patience import MustWaitError
from ..pipeline.artifacts import SERVED_FILES, load_pipeline
from ..pipeline.intent_pipeline import IntentPipeline
from ..registry.manifest import Manifest
from ..registry.model_registry import ModelRegistry

_log = logging.getLogger(__name__)

_PINNED_AT_MOST: Final = 8


class ModelState(StrEnum):
    """What can be said of a model."""

    LOADING = "loading"
    READY = "ready"
    DEGRADED = "degraded"
    """Its active version is damaged; the previous one answers."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """One version of one model, ready to answer."""

    name: str
    version: int
    manifest: Manifest
    pipeline: IntentPipeline


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model of the registry as it stands in memory; `problem` says what is wrong with it."""

    name: str
    state: ModelState
    loaded: LoadedModel | None = None
    problem: str | None = None
    aliases: Mapping[str, int] = field(default_factory=dict)


class LoadedModels:
    """The models of a registry in memory."""

    def __init__(self, registry: ModelRegistry, default_model: str) -> None:
        self._registry = registry
        self._default = ModelReference.parse(default_model)
        self._models: Mapping[str, ModelStatus] = {}
        self._ready = threading.Event()
        self._pinned: OrderedDict[tuple[str, int], LoadedModel] = OrderedDict()
        self._pinning = threading.Lock()

    def load_all(self) -> None:
        """Load the active version of each model found; a model that cannot be loaded is told and passed over."""
        try:
            self._models = {name: ModelStatus(name, ModelState.LOADING) for name in self._registry.names()}
            for name in list(self._models):
                self._models = {**self._models, name: self._load(name)}
        except OSError:
            _log.exception("the registry cannot be listed; this server is not ready, and will not be")
            return
        self._ready.set()

    def load_one(self, reference: str) -> LoadedModel:
        """
        Load the version that a reference means, and no other.

        Raises:
            What `get` raises, and DamagedModelError where the version cannot be trusted.
        """
        wanted = ModelReference.parse(reference)
        return self._load_version(wanted.name, self._registry.resolve(wanted))

    @property
    def is_ready(self) -> bool:
        """Whether every model was loaded or has failed."""
        return self._ready.is_set()

    def statuses(self) -> list[ModelStatus]:
        """Give every model of the registry, by name."""
        return list(self._models.values())

    def status(self, name: str) -> ModelStatus:
        """
        Give one model.

        Raises:
            ModelNotFoundError: there is none of that name.
        """
        if name not in self._models:
            if not self.is_ready:
                raise ModelNotReadyError(name)
            raise ModelNotFoundError(name)
        return self._models[name]

    def get(self, reference: str | None, *, may_wait: bool = True) -> LoadedModel:
        """
        Give the version that a reference means; None means the default model.

        Raises:
            InvalidModelNameError, InvalidModelReferenceError: it is no reference.
            ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: nothing is there.
            ModelNotReadyError: it is still loading.
            ModelUnavailableError: it cannot be served.
            MustWaitError: it has to be loaded first, and there is no time for that.
        """
        wanted = self._default if reference is None else ModelReference.parse(reference)
        status = self.status(wanted.name)
        if status.state is ModelState.LOADING:
            raise ModelNotReadyError(wanted.name)
        if wanted.version is None and wanted.alias == ACTIVE:
            if status.loaded is None:
                raise ModelUnavailableError(wanted.name, status.problem or "")
            return status.loaded
        if wanted.version is None and not status.aliases:  # damaged: nobody knows what they were
            raise ModelUnavailableError(wanted.name, status.problem or "")
        version = wanted.version or status.aliases.get(wanted.alias)
        if version is None:
            raise AliasNotFoundError(wanted.name, wanted.alias)
        if status.loaded is not None and status.loaded.version == version:
            return status.loaded
        if not may_wait:
            raise MustWaitError
        return self._pin(wanted.name, version)

    def _load(self, name: str) -> ModelStatus:
        aliases: Mapping[str, int] = {}
        try:
            aliases = self._registry.aliases(name)
            if ACTIVE not in aliases:
                raise AliasNotFoundError(name, ACTIVE)  # noqa: TRY301 - told like any other damage
            return ModelStatus(name, ModelState.READY, self._load_version(name, aliases[ACTIVE]), aliases=aliases)
        except ParleyError as error:
            failed = ModelStatus(name, ModelState.FAILED, problem=str(error), aliases=aliases)
        except Exception as error:  # noqa: BLE001
            # whatever nobody thought of must not take the other models along
            _log.exception("model %r", name)
            problem = f"{type(error).__name__} while loading it; the log knows more"
            failed = ModelStatus(name, ModelState.FAILED, problem=problem, aliases=aliases)
        _log.error("model %r: %s", name, failed.problem)
        return self._fall_back(failed)

    def _fall_back(self, failed: ModelStatus) -> ModelStatus:
        version = failed.aliases.get(PREVIOUS)
        if version is None:
            return failed
        try:
            loaded = self._load_version(failed.name, version)
        except ParleyError as error:
            _log.error("model %r: its previous version cannot stand in: %s", failed.name, error)
            return failed
        _log.error("model %r: version %d stands in for the damaged one", failed.name, version)
        return replace(failed, state=ModelState.DEGRADED, loaded=loaded)

    def _load_version(self, name: str, version: int) -> LoadedModel:
        stored = self._registry.load(name, version, SERVED_FILES)
        return LoadedModel(name, version, stored.manifest, load_pipeline(name, stored.folder, stored.files))

    def _pin(self, name: str, version: int) -> LoadedModel:
        with self._pinning:
            key = (name, version)
            if key not in self._pinned:
                try:
                    self._pinned[key] = self._load_version(name, version)
                except DamagedModelError as error:
                    raise ModelUnavailableError(f"{name}@{version}", str(error)) from error
                while len(self._pinned) > _PINNED_AT_MOST:
                    self._pinned.popitem(last=False)
            self._pinned.move_to_end(key)
            return self._pinned[key]
