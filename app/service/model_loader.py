"""Versions from disk: verified, built, and tried before anybody asks them."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Final

from ..domain.damage_errors import UnreadableFileError
from ..pipeline.artifacts import LABEL_FILES, NETWORK, SERVED_FILES, load_labels, load_pipeline, refuse_unknown_files
from ..pipeline.footprint import footprint
from ..pipeline.intent_pipeline import IntentPipeline
from ..registry.model_registry import ModelRegistry
from ..registry.signatures import NOTHING
from .model_state import LoadedModel, ModelDescription, Summary

_log = logging.getLogger(__name__)

_FEW: Final = 8


class ModelLoader:
    """Loads versions; safe to share between threads."""

    def __init__(self, registry: ModelRegistry, make_room: Callable[[int], None]) -> None:
        """Load from a registry; `make_room` is told before how many bytes a version is about to take."""
        self._registry, self._make_room = registry, make_room
        self.observers: list[Callable[[LoadedModel], None]] = []
        """Told of each version loaded; they must not keep it."""
        self.n_loaded = self.n_failures = 0
        self.load_seconds = 0.0
        self._counting = threading.Lock()

    def check(self, name: str, version: int) -> Summary:
        """
        Compare every file of a version with its digest.

        Raises:
            VersionNotFoundError, DamagedModelError: it is not as it was published.
        """
        return Summary.of(self._registry.load(name, version, ()).manifest.facts)

    def describe(self, name: str, version: int) -> ModelDescription:
        """
        Say what a version is, without loading it.

        Raises:
            VersionNotFoundError, DamagedModelError: it is not as it was published.
        """
        stored = self._registry.load(name, version, LABEL_FILES)
        encoder, calibration = load_labels(stored.folder, stored.files)
        min_confidence = calibration.abstention.min_confidence
        return ModelDescription(stored.manifest.facts, tuple(encoder.intents), min_confidence)

    def is_current(self, loaded: LoadedModel) -> bool:
        """Say whether a version in memory is still the one on disk, or the last that is left of it."""
        return self._registry.manifest_signature(loaded.name, loaded.version) in (loaded.origin, NOTHING)

    def load(self, name: str, version: int) -> LoadedModel:
        """
        Load a version and answer once by it.

        Raises:
            VersionNotFoundError, DamagedModelError: it cannot be served.
        """
        started = time.perf_counter()
        try:
            loaded = self._load(name, version, started)
        except Exception:
            with self._counting:
                self.n_failures += 1
            raise
        with self._counting:
            self.n_loaded += 1
            self.load_seconds += loaded.load_s
        _log.debug("%s@%d loaded in %.0f ms, holds %.1f MB", name, version, loaded.load_s * 1e3, loaded.n_bytes / 1e6)
        for observe in self.observers:
            try:
                observe(loaded)
            except Exception:  # noqa: BLE001 - who watches must not stand in the way
                _log.exception("%s@%d is loaded, and could not be told", name, version)
        return loaded

    def _load(self, name: str, version: int, started: float) -> LoadedModel:
        origin = self._registry.manifest_signature(name, version)
        stored = self._registry.load(name, version, SERVED_FILES)
        refuse_unknown_files(stored.folder, (entry.path for entry in stored.manifest.files.values()))
        n_bytes = footprint(stored.files)
        self._make_room(n_bytes)
        pipeline = load_pipeline(name, stored.folder, stored.files)
        _answer_once(pipeline, f"{stored.folder}/{NETWORK}")
        load_s = time.perf_counter() - started
        return LoadedModel(name, version, stored.manifest, pipeline, origin, n_bytes, load_s)


def _answer_once(pipeline: IntentPipeline, path: str) -> None:
    """Answer a text that has something to do with the model, made of the names of its intents."""
    text = " ".join(pipeline.label_encoder.intents[:_FEW]).replace("_", " ")
    try:
        [prediction] = pipeline.predict([text], top_k=1)
    except Exception as error:
        raise UnreadableFileError(path, f"it does not answer ({type(error).__name__})") from error
    if not math.isfinite(prediction.confidence):
        raise UnreadableFileError(path, "it answers with what is no number")
