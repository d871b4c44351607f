"""How well entities are found: counted on texts that somebody marked, right where name, beginning and end are."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from ..domain.entity import Annotation, FoundEntities
from ..domain.example import Example, text_of
from ..entities.finder import EntityFinder

_ANY_MOMENT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - places are compared, not values: the same data give the same


class EntityFigures(msgspec.Struct, frozen=True):
    """Of one entity, or of all; a share of nothing is None."""

    precision: float | None
    """Of those found, the share that is right."""
    recall: float | None
    """Of those marked, the share that was found."""
    f1: float | None
    marked: int
    found: int
    right: int


class EntityReport(msgspec.Struct, frozen=True):
    """On the marked texts of a set; there may be none."""

    texts: int
    all: EntityFigures | None = None
    entities: dict[str, EntityFigures] = {}
    """By name; those that are marked and that the model does not declare are among them."""


def measure_marked(finder: EntityFinder | None, examples: Sequence[Example]) -> EntityReport | None:
    """Look for entities in the examples that are marked; None where there is nothing that finds any."""
    if finder is None:
        return None
    marked = [(example.entities, text_of(example.input)) for example in examples if example.entities is not None]
    found = [finder.find(text, _ANY_MOMENT) for _, text in marked]
    return measure_entities(finder.names, [entities for entities, _ in marked], found)


def measure_entities(
    names: Sequence[str], marked: Sequence[Sequence[Annotation]], found: Sequence[FoundEntities]
) -> EntityReport:
    """
    Compare what was found in texts with what is marked in them.

    Args:
        names: what the model declares.
        marked: of each text.
        found: in each text.
    """
    if not marked:
        return EntityReport(0)
    n_marked: Counter[str] = Counter()
    n_found: Counter[str] = Counter()
    n_right: Counter[str] = Counter()
    for wanted, given in zip(marked, found, strict=True):
        places = {(one.entity, one.start, one.end) for one in wanted}
        answers = [(one.entity, one.start, one.end) for one in given.entities]
        n_marked.update(name for name, _, _ in places)
        n_found.update(name for name, _, _ in answers)
        n_right.update(name for name, start, end in answers if (name, start, end) in places)
    known = sorted({*names, *n_marked})
    return EntityReport(
        len(marked),
        _figures(n_marked.total(), n_found.total(), n_right.total()),
        {name: _figures(n_marked[name], n_found[name], n_right[name]) for name in known},
    )


def _figures(marked: int, found: int, right: int) -> EntityFigures:
    return EntityFigures(
        precision=right / found if found else None,
        recall=right / marked if marked else None,
        f1=2 * right / (marked + found) if marked + found else None,
        marked=marked,
        found=found,
        right=right,
    )
