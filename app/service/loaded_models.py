"""
The models of a registry in this process: which version answers a reference, and that it is in memory when it does.

A version in memory is found without a lock. One that is not is loaded by the first request that asks for it, while the
others wait for that load.
"""

import logging
from collections.abc import Callable
from threading import Event
from typing import Final

from ..domain.damage_errors import DamagedModelError
from ..domain.errors import ModelNotFoundError, ModelNotReadyError, ModelUnavailableError, ParleyError
from ..domain.model_reference import ACTIVE, ModelReference
from ..domain.patience import MustWaitError
from ..registry.model_registry import ModelRegistry
from .failed_loads import FailedLoads
from .model_loader import ModelLoader
from .model_locks import ModelLocks
from .model_memory import ModelMemory
from .model_roster import ModelRoster
from .model_state import LoadedModel, ModelDescription, ModelFigures, ModelState, ModelStatus, Summary
from .preload import Preload
from .standing import Care, Standing

_log = logging.getLogger(__name__)

_SEATS: Final = 4


class LoadedModels:
    """The models of a registry, those in memory and those that can be; safe to share between threads."""

    def __init__(
        self,
        registry: ModelRegistry,
        default_model: str,
        *,
        preload: Preload | None = None,
        budget_mb: int = 0,
        n_seats: int = _SEATS,
    ) -> None:
        """
        Know nothing yet.

        Args:
            registry: where the models are.
            default_model: the reference that a request without one means.
            preload: which models to load before anybody asks.
            budget_mb: what loaded versions may hold, in MB of 1,048,576 bytes; 0 for no bound.
            n_seats: requests that may wait for a version to be loaded; those beyond are sent away soon.
        """
        self._registry, self._default = registry, ModelReference.parse(default_model)
        self._preload = preload or Preload()
        self._memory = ModelMemory(budget_mb)
        self._loader = ModelLoader(registry, self._memory.make_room)
        self._failures = FailedLoads(registry.version_signature)
        self._locks = ModelLocks(n_seats)
        self._ready = Event()
        self._is_unlisted = False
        self.roster = ModelRoster(registry, self._loader, self._memory)

    @property
    def is_ready(self) -> bool:
        """Whether every model that is loaded before anybody asks was loaded or has failed."""
        return self._ready.is_set()

    @property
    def default_name(self) -> str:
        """The model that a request means which names none."""
        return self._default.name

    def load_all(self, before_ready: Callable[[], None] = lambda: None) -> bool:
        """
        Get to know every model and load those that are to be; what is wrong with a model is told and passed over.

        Says whether the registry could be listed; where it could not, this server is not ready. Nobody is answered
        before `before_ready` was called.
        """
        try:
            names = self._registry.names()
        except OSError as error:
            if not self._is_unlisted:
                _log.error("the registry cannot be listed, and until then this server is not ready: %s", error)
            self._is_unlisted = True
            return False
        for name in self._preload.missing(names):
            _log.warning("model %r is to be loaded at the start, and is not there", name)
        self.roster.expect(names)
        for name in sorted(names, key=lambda name: name != self._default.name):
            with self._locks.of(name):
                self.roster.judge(name, Care.LOADED if self._is_to_be_loaded(name, len(names)) else Care.KNOWN)
        self._load_pinned_default()
        before_ready()
        self._ready.set()
        return True

    def load_one(self, reference: str) -> LoadedModel:
        """
        Load the version that a reference means, and no other, for nobody but the caller.

        Raises:
            What `get` raises, and DamagedModelError where the version cannot be trusted.
        """
        wanted = ModelReference.parse(reference)
        return self.load_version(wanted.name, self._registry.resolve(wanted))

    def load_version(self, name: str, version: int) -> LoadedModel:
        """
        Load this version for nobody but the caller.

        Raises:
            VersionNotFoundError, DamagedModelError: it cannot be served.
        """
        return self._loader.load(name, version)

    def get(self, reference: str | None, *, may_wait: bool = True) -> LoadedModel:
        """
        Give the version that a reference means; None means the default model.

        Raises:
            InvalidModelNameError, InvalidModelReferenceError: it is no reference.
            ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: nothing is there.
            ModelNotReadyError: it is still loading.
            NoActiveVersionError, ModelUnavailableError: it cannot be served.
            MustWaitError: it has to be loaded first, and there is no time for that.
        """
        wanted = self._default if reference is None else ModelReference.parse(reference)
        if not self._ready.is_set():
            raise ModelNotReadyError(wanted.name)
        version = self._standing(wanted.name).meant_by(wanted)
        loaded = self._memory.find(wanted.name, version)
        if loaded is not None:
            return loaded
        problem = self._failures.at_once(wanted.name, version)
        if problem is not None:
            raise ModelUnavailableError(f"{wanted.name}@{version}", problem)
        if not may_wait:
            raise MustWaitError
        with self._locks.of_a_request(wanted.name):
            return self._bring(wanted)

    def checked(self, reference: str | None) -> ModelReference:
        """
        Read a reference that means a version now, which need not be in memory; None means the default model.

        Raises:
            What `get` raises.
        """
        wanted = self._default if reference is None else ModelReference.parse(reference)
        self._standing(wanted.name).meant_by(wanted)
        if wanted.version is not None:
            self._registry.resolve(wanted)
        return wanted

    def refresh(self, name: str, *, least: Care = Care.CHECKED) -> None:
        """Look at a model again: it may have come, gone, got another version, or been mended."""
        with self._locks.of(name):
            self.roster.judge(name, self._care_for(name, least))

    def statuses(self) -> list[ModelStatus]:
        """Give every model of the registry, by name."""
        return [self._status(standing) for _, standing in sorted(self.roster.standings.items())]

    def status(self, name: str) -> ModelStatus:
        """
        Give one model.

        Raises:
            ModelNotReadyError, ModelNotFoundError: there is none of that name, or nobody has looked yet.
        """
        return self._status(self._standing(name))

    def describe(self, name: str) -> ModelDescription | None:
        """
        Say what the version that answers is, in memory or not; None where none does.

        Raises:
            ModelNotReadyError, ModelNotFoundError: as `status`.
        """
        version = self._standing(name).version
        if version is None:
            return None
        loaded = self._memory.peek(name, version)
        try:
            return ModelDescription.of(loaded) if loaded else self._loader.describe(name, version)
        except ParleyError:  # damaged since somebody looked: whoever asks it is told
            return None

    def observe(self, observer: Callable[[LoadedModel], None]) -> None:
        """Have each version told to somebody once it was loaded; who is told must not keep it."""
        self._loader.observers.append(observer)

    def count_beside(self, bytes_of: Callable[[LoadedModel], int]) -> None:
        """Count what somebody keeps of a version for as long as it is in memory as a part of it."""
        self._memory.bytes_beside = bytes_of

    def tidy(self) -> None:
        """Hold to the budget what answering has added to the versions in memory."""
        self._memory.measure()

    def figures(self) -> ModelFigures:
        """Count."""
        return ModelFigures(
            n_known=len(self.roster.standings),
            n_in_memory=len(self._memory),
            held_bytes=self._memory.held_bytes,
            budget_bytes=self._memory.budget_bytes,
            n_loaded=self._loader.n_loaded,
            n_load_failures=self._loader.n_failures,
            load_seconds=self._loader.load_seconds,
            n_unloaded=self._memory.n_unloaded,
            unloaded_bytes=self._memory.unloaded_bytes,
        )

    def _standing(self, name: str) -> Standing:
        standing = self.roster.standings.get(name)
        if standing is None:
            raise ModelNotFoundError(name) if self.is_ready else ModelNotReadyError(name)
        return standing

    def _status(self, standing: Standing) -> ModelStatus:
        loaded = self._memory.peek(standing.name, standing.version)
        if standing.is_inactive:
            state = ModelState.INACTIVE
        elif standing.problem is not None:
            state = ModelState.FAILED if standing.version is None else ModelState.DEGRADED
        elif standing.is_unknown:
            state = ModelState.LOADING
        else:
            state = ModelState.READY if loaded else ModelState.AVAILABLE
        summary = Summary.of(loaded.manifest.facts) if loaded else standing.summary
        return ModelStatus(standing.name, state, standing.version, loaded, standing.problem, standing.aliases, summary)

    def _bring(self, wanted: ModelReference) -> LoadedModel:
        """Load what a reference means, unless another request did while this one waited for the model's lock."""
        name = wanted.name
        version = self._standing(name).meant_by(wanted)
        loaded = self._memory.find(name, version)
        if loaded is None and version == self._standing(name).version:
            # where it has gone bad, another may have to answer for the name
            self.roster.judge(name, Care.LOADED)
            version = self._standing(name).meant_by(wanted)
            loaded = self._memory.find(name, version)
        return loaded or self._load(name, version)

    def _load(self, name: str, version: int) -> LoadedModel:
        problem = self._failures.still(name, version)
        if problem is not None:
            raise ModelUnavailableError(f"{name}@{version}", problem)
        marks = self._registry.version_signature(name, version)
        try:
            loaded = self._loader.load(name, version)
        except DamagedModelError as error:
            self._failures.note(name, version, str(error), marks)
            raise ModelUnavailableError(f"{name}@{version}", str(error)) from error
        self._failures.forget(name, version)
        self._memory.keep(loaded)
        return loaded

    def _load_pinned_default(self) -> None:
        """Load the version that a request without a model means, where that is not the active one."""
        is_pinned = self._default.version is not None or self._default.alias != ACTIVE
        if self._default.name not in self.roster.standings or not is_pinned:
            return
        try:
            with self._locks.of(self._default.name):
                self._bring(self._default)
        except ParleyError as error:
            _log.error("the default model: %s", error)

    def _care_for(self, name: str, least: Care) -> Care:
        """Say how much to do for a model that has changed: as much as was done before."""
        standing = self.roster.standings.get(name)
        if standing is None:
            return Care.LOADED if self._is_to_be_loaded(name, len(self.roster.standings) + 1) else least
        is_wanted = standing.problem is not None or self._memory.peek(name, standing.version) is not None
        return Care.LOADED if is_wanted else least

    def _is_to_be_loaded(self, name: str, n_models: int) -> bool:
        return self._preload.wants(name, self._default.name, n_models) and self._memory.has_room()
