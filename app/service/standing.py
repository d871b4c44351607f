"""
What is known of a model: which version answers, and what is wrong with the one that should.

The active version answers where it can. Where it cannot, the one that answered before goes on, or the previous one.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from ..domain.errors import AliasNotFoundError, ModelNotReadyError, ModelUnavailableError, ParleyError
from ..domain.model_reference import ACTIVE, PREVIOUS, ModelReference
from ..domain.served import Served
from ..domain.version_errors import NoActiveVersionError
from ..registry.model_registry import ModelRegistry
from ..registry.signatures import NOTHING, Signature
from .model_state import Summary

_log = logging.getLogger(__name__)

_TRIED_AGAIN_AFTER_S: Final = 60.0  # whatever it was may have passed without a trace in the files, such as a full table

Marks = frozenset[object]


class Care(IntEnum):
    """How much is done for a version before it is said to answer."""

    KNOWN = 0
    """An alias points to it."""
    CHECKED = 1
    """Its files are as they were published."""
    LOADED = 2
    """It is in memory, and has answered."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A model as it was found; `aliases_were` and `marks` tell its files from what they may become."""

    name: str
    version: int | None = None
    """The one that answers for the name."""
    problem: str | None = None
    """With the one that should answer."""
    aliases: Mapping[str, int] = field(default_factory=dict)
    summary: Summary | None = None
    """Of the one that answers; None where it was not looked at."""
    aliases_were: Signature = NOTHING
    marks: Marks = frozenset()
    found_at: float = field(default_factory=time.monotonic)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody has looked yet."""
        return self.version is None and self.problem is None

    @property
    def is_inactive(self) -> bool:
        """Whether nobody has activated a version yet: its versions answer who asks for them by number or alias."""
        return self.version is None and bool(self.aliases) and ACTIVE not in self.aliases

    @property
    def served(self) -> Served:
        """What can be said of it to others."""
        return Served(self.version, self.aliases_were, self.problem)

    def meant_by(self, wanted: ModelReference) -> int:
        """
        Give the version that a reference to this model means.

        Raises:
            ModelNotReadyError: nobody has looked yet.
            NoActiveVersionError: no version was activated yet.
            ModelUnavailableError: no version answers for the name, or nobody knows what its aliases were.
            AliasNotFoundError: there is no such alias.
        """
        if self.is_unknown:
            raise ModelNotReadyError(self.name)
        if wanted.version is not None:
            return wanted.version
        version = self.version if wanted.alias == ACTIVE else self.aliases.get(wanted.alias)
        if version is not None:
            return version
        if wanted.alias == ACTIVE and self.is_inactive:
            raise NoActiveVersionError(self.name)
        if wanted.alias == ACTIVE or not self.aliases:
            raise ModelUnavailableError(self.name, self.problem or "")
        raise AliasNotFoundError(self.name, wanted.alias)


class Examiner:
    """Finds out how models stand."""

    def __init__(self, registry: ModelRegistry, take: Callable[[str, int, Care], Summary]) -> None:
        """
        Look into a registry.

        Args:
            registry: where the models are.
            take: does for a version (name, version, how much) what is to be done; it raises what `ModelLoader.load`
                raises.
        """
        self._registry, self._take = registry, take

    def examine(self, name: str, before: Standing, care: Care) -> Standing:
        """Look at a model again, and do as much for the version that answers."""
        aliases_were = self._registry.aliases_signature(name)
        aliases, marks = before.aliases, frozenset[object]()
        wanted = summary = problem = None
        try:
            aliases = self._registry.aliases(name)
            if ACTIVE not in aliases:
                raise NoActiveVersionError(name)  # noqa: TRY301 - told like any damage
            wanted = aliases[ACTIVE]
            marks = self.marks(name, aliases) if care > Care.KNOWN else marks
            summary = self._summary(name, wanted, before, care, marks)
        except Exception as error:  # noqa: BLE001 - whatever nobody thought of must not take other models along
            problem = _told(name, error)
        if problem is None:
            return Standing(name, wanted, None, aliases, summary, aliases_were, marks)
        version, summary = self._stand_in(name, before, aliases, care, spared=wanted)
        return Standing(name, version, problem, aliases, summary, aliases_were, marks)

    def marks(self, name: str, aliases: Mapping[str, int]) -> Marks:
        """Give what changes when the files change that decide whether a model can answer."""
        versions = {aliases.get(ACTIVE), aliases.get(PREVIOUS)} - {None}
        return frozenset((version, self._registry.version_signature(name, version)) for version in versions if version)

    def _summary(self, name: str, version: int, before: Standing, care: Care, marks: Marks) -> Summary | None:
        if care is Care.KNOWN:
            return None
        was_checked = before.version == version and before.marks == marks
        if care is Care.CHECKED and was_checked and before.summary is not None:
            return before.summary
        return self._take(name, version, care)

    def _stand_in(
        self, name: str, before: Standing, aliases: Mapping[str, int], care: Care, *, spared: int | None
    ) -> tuple[int | None, Summary | None]:
        for version in dict.fromkeys((before.version, aliases.get(PREVIOUS))):
            if version is None or version == spared:
                continue
            try:
                return version, self._take(name, version, max(care, Care.CHECKED))
            except ParleyError as error:
                _log.warning("model %r: version %d cannot stand in: %s", name, version, error)
        return None, None


def tell(before: Standing | None, now: Standing) -> None:
    """Write a line where something has changed for those who ask."""
    if now.is_inactive:
        if before is None or not before.is_inactive:
            _log.info("model %r: %s", now.name, now.problem)
    elif now.problem is not None:
        if before is None or (before.problem, before.version) != (now.problem, now.version):
            stand_in = "no version of it answers" if now.version is None else f"version {now.version} answers instead"
            _log.error("model %r: %s; %s", now.name, now.problem, stand_in)
    elif before is not None and not before.is_unknown and (before.version, before.problem) != (now.version, None):
        _log.info("model %r: version %d answers", now.name, now.version)


class Doubts:
    """Remembers which problems are worth another look."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._restless: dict[str, Marks] = {}

    def worth_a_look(self, standings: Mapping[str, Standing]) -> list[str]:
        """
        Name the models with a problem whose files have changed since, or that were not looked at for long.

        Files that have changed since the last call too are still being written, and are left alone.
        """
        found, restless = [], {}
        for name, standing in standings.items():
            if standing.problem is None or standing.is_inactive:
                continue
            marks = self._examiner.marks(name, standing.aliases)
            if time.monotonic() - standing.found_at > _TRIED_AGAIN_AFTER_S:
                found.append(name)
            elif marks != standing.marks:
                if marks == self._restless.get(name):
                    found.append(name)
                else:
                    restless[name] = marks
        self._restless = restless
        return found


def _told(name: str, error: Exception) -> str:
    if isinstance(error, ParleyError):
        return str(error)
    _log.error("model %r", name, exc_info=error)
    return f"{type(error).__name__} while loading it; the log knows more"
