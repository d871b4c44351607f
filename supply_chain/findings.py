"""What an audit found: known holes, and packages of which nothing is known."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from .requirements import Requirement, normal

_LEAST_WORDS: Final = 3  # of a reason: a word alone is none


class Outcome(IntEnum):
    """How an audit ends; the exit code."""

    CLEAN = 0
    HOLES = 1
    NOT_ALL_AUDITED = 2
    NOT_AUDITED = 3
    """No service that knows of holes answered: nothing is known, good or bad."""


class Ignored(NamedTuple):
    """A hole that is known and borne, for a reason and until a day."""

    id: str
    package: str
    reason: str
    until: date


class Hole(NamedTuple):
    """A known vulnerability of an installed package."""

    package: str
    version: str
    id: str
    fixed_in: tuple[str, ...]
    aliases: frozenset[str]


@dataclass
class Findings:
    """What there is to say of all packages."""

    holes: list[Hole] = field(default_factory=list)
    expired: list[Ignored] = field(default_factory=list)
    """Holes that were to be borne until a day that is over; they are among the holes too."""
    borne: list[tuple[Hole, Ignored]] = field(default_factory=list)
    needless: list[Ignored] = field(default_factory=list)
    """Entries of the list that nothing was found for."""
    unknown: dict[str, str] = field(default_factory=dict)
    """Packages that were not looked up, and why."""
    n_audited: int = 0

    @property
    def outcome(self) -> Outcome:
        """The worst of it: a hole is worse than a package of which nothing is known."""
        if self.holes:
            return Outcome.HOLES
        if not self.n_audited:
            return Outcome.NOT_AUDITED
        return Outcome.NOT_ALL_AUDITED if self.unknown else Outcome.CLEAN


def read_ignored(path: Path) -> list[Ignored]:
    """
    Read the list of holes that are borne.

    Raises:
        ValueError: an entry has no id, package, reason or day.
    """
    found = []
    for entry in tomllib.loads(path.read_text()).get("ignored", []):
        day, reason = entry.get("until"), str(entry.get("reason"))
        if entry.keys() != set(Ignored._fields) or not isinstance(day, date) or len(reason.split()) < _LEAST_WORDS:
            raise ValueError(f"{path.name}: {entry} needs an id, a package, a reason and a day, `until`")
        found.append(Ignored(entry["id"], normal(entry["package"]), reason, day))
    return found


def findings(
    report: Mapping[str, Any], requirements: Collection[Requirement], ignored: Sequence[Ignored], today: date
) -> Findings:
    """Hold what pip-audit wrote as JSON against what is installed and against the list of what is borne."""
    found = Findings()
    told = {normal(entry["name"]): entry for entry in report.get("dependencies", [])}
    met: set[Ignored] = set()
    for requirement in requirements:
        entry = told.get(requirement.name)
        if entry is None or "vulns" not in entry:
            found.unknown[requirement.name] = (entry or {}).get("skip_reason", "pip-audit did not name it")
            continue
        if entry.get("version") != requirement.version:
            found.unknown[requirement.name] = f"version {entry.get('version')} was looked up, not {requirement.version}"
            continue
        found.n_audited += 1
        for hole in _holes(requirement, entry["vulns"]):
            borne = [one for one in ignored if one.package == hole.package and one.id in {hole.id, *hole.aliases}]
            met.update(borne)
            if any(one.until >= today for one in borne):
                found.borne.append((hole, next(one for one in borne if one.until >= today)))
            else:
                found.holes.append(hole)
                found.expired += borne
    found.needless = [one for one in ignored if one not in met]
    return found


def _holes(requirement: Requirement, told: Sequence[Mapping[str, Any]]) -> list[Hole]:
    return [
        Hole(
            requirement.name,
            requirement.version,
            one["id"],
            tuple(one.get("fix_versions", ())),
            frozenset(one.get("aliases", ())),
        )
        for one in told
    ]
