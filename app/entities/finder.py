"""
All that is named in a text, found by what a model declares.

Where two overlap the longer one stands, and of two as long the one whose entity is declared first. Each is looked for
in the text as it was sent.
"""

import logging
from datetime import datetime
from typing import Final

from ..domain.entity import Entity, FoundEntities
from .asked import Asked, Finder, Found
from .declaration import EntityConfig, EntityConfigs, languages_of
from .gazetteer import Gazetteer

CHARS_AT_MOST: Final = 10_000
"""Of a text that are looked at."""

_QUICK_CHARS: Final = 1_000

_log = logging.getLogger(__name__)


class EntityFinder:
    """Finds the entities of one model; safe to share between threads."""

    def __init__(self, entities: EntityConfigs, where: str) -> None:
        """
        Make ready what finds them, libraries included; `where` names the declaration in errors.

        Raises:
            InvalidValueError: something of it cannot be used, named by its key.
        """
        self._finders = {name: _finder(config, f"{where}: entities.{name}") for name, config in entities.items()}
        self._failed: set[str] = set()
        self._takes_time = any(finder.takes_time for finder in self._finders.values())

    @property
    def names(self) -> tuple[str, ...]:
        """What may be found, in the order of the declaration."""
        return tuple(self._finders)

    def takes_time_for(self, text: str) -> bool:
        """Say whether a text may take milliseconds."""
        return self._takes_time or len(text) > _QUICK_CHARS

    def find(self, text: str, now: datetime) -> FoundEntities:
        """Find what is named in a text; `now` is the moment that relative dates are counted from."""
        asked = Asked(text[:CHARS_AT_MOST], now)
        is_cut = len(text) > CHARS_AT_MOST
        is_complete = not is_cut
        candidates: list[tuple[int, int, Entity]] = []
        for order, (name, finder) in enumerate(self._finders.items()):
            found = self._found(name, finder, asked)
            is_complete = is_complete and found.is_complete
            candidates += [
                (start - end, order, Entity(name, value, text[start:end], start, end))
                for start, end, value in found.spans
                if not (is_cut and end == CHARS_AT_MOST)  # the rest of its last word may be cut off
            ]
        return FoundEntities(_apart(candidates), is_complete)

    def _found(self, name: str, finder: Finder, asked: Asked) -> Found:
        try:
            return finder.find(asked)
        except Exception as error:  # noqa: BLE001 - see below
            # a library stumbled over what somebody typed, which its sentence may quote; the text is answered anyway
            if name not in self._failed:
                self._failed.add(name)
                problem = type(error).__name__
                _log.error("entity %r was not looked for in a text (%s); this is told once", name, problem)
            return Found([], is_complete=False)


def check_finders(entities: EntityConfigs, where: str) -> None:
    """
    Try what is made of declared words; libraries are left alone, so that whoever checks stays small.

    Raises:
        InvalidValueError: something of it cannot be used, named by its key.
    """
    EntityFinder({name: one for name, one in entities.items() if one.date is None and one.number is None}, where)


def _apart(candidates: list[tuple[int, int, Entity]]) -> tuple[Entity, ...]:
    """Give those that stand, in the order of their places."""
    if len(candidates) > 1:
        candidates.sort(key=lambda candidate: (candidate[0], candidate[1], candidate[2].start))
    taken = bytearray(max((entity.end for _, _, entity in candidates), default=0))
    stands: list[Entity] = []
    for _, _, entity in candidates:
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
            stands.append(entity)
    return tuple(sorted(stands, key=lambda entity: entity.start))


def _finder(config: EntityConfig, where: str) -> Finder:
    # what most models do without is imported where it is needed: an idle worker stays small
    if config.gazetteer is not None:
        return Gazetteer(config.phrases(), f"{where}.gazetteer")
    if config.pattern is not None:
        from .pattern import PatternFinder  # noqa: PLC0415 - see above

        return PatternFinder(config.pattern, config.group, where)
    if config.date is not None:
        from .dates import DateFinder  # noqa: PLC0415 - see above

        return DateFinder(languages_of(config.date))
    from .numbers import NumberFinder  # noqa: PLC0415 - see above

    return NumberFinder(languages_of(config.number or []))
