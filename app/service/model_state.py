"""A model as it stands in a process that serves."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ..pipeline.intent_pipeline import IntentPipeline
from ..registry.manifest import Facts, Manifest
from ..registry.signatures import Signature


class ModelState(StrEnum):
    """What can be said of a model."""

    LOADING = "loading"
    """At the start of the process: it is about to be loaded."""
    READY = "ready"
    """In memory."""
    AVAILABLE = "available"
    """Not in memory: whoever asks first waits until it is loaded."""
    DEGRADED = "degraded"
    """Its active version cannot be served; another one answers."""
    INACTIVE = "inactive"
    """Published, and no version of it was activated yet; each answers who asks for it by number or alias."""
    FAILED = "failed"


class Summary(NamedTuple):
    """What is worth knowing of a version that is not in memory."""

    family: str
    n_intents: int

    @classmethod
    def of(cls, facts: Facts) -> "Summary":
        """Take what is wanted of the facts of a manifest."""
        return cls(sys.intern(facts.family), facts.intents)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class LoadedModel:
    """One version of one model, ready to answer."""

    name: str
    version: int
    manifest: Manifest
    pipeline: IntentPipeline
    origin: Signature
    """Of its manifest: what tells it from another version that was later given its number."""
    n_bytes: int
    """What it holds in memory, about."""
    load_s: float
    """How long it took to load, its verification included."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model of the registry; `problem` says what is wrong with it."""

    name: str
    state: ModelState
    version: int | None = None
    """The version that answers, in memory or not."""
    loaded: LoadedModel | None = None
    """That version, where it is in memory."""
    problem: str | None = None
    aliases: Mapping[str, int] = field(default_factory=dict)
    summary: Summary | None = None
    """None where nobody has looked at it yet."""


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """The version of a model that answers."""

    facts: Facts
    intents: tuple[str, ...]
    """In class order."""
    min_confidence: float

    @classmethod
    def of(cls, loaded: LoadedModel) -> "ModelDescription":
        """Describe a version in memory."""
        pipeline = loaded.pipeline
        intents = tuple(pipeline.label_encoder.intents)
        return cls(loaded.manifest.facts, intents, pipeline.calibration.abstention.min_confidence)


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Numbers about models, since the process began where nothing else is said."""

    n_known: int
    n_in_memory: int
    """Versions, now."""
    held_bytes: int
    """What these hold, about; now."""
    budget_bytes: int
    """What they may hold; 0 for no bound."""
    n_loaded: int
    n_load_failures: int
    load_seconds: float
    """Of all loads together."""
    n_unloaded: int
    unloaded_bytes: int
