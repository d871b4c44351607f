"""
What a type of field is: a reader that takes any value and never raises.

A reading has terms, of which a model counts those it has learned, and numbers, always as many as the type has names
for. What is missing is no fault; what is there and is not of the type is malformed, and the sentence says why.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

UNKNOWN: Final = math.nan
"""Stands for a number that there is none of."""
_SHOWN: Final = 40


class Presence(IntEnum):
    """What stands in a field."""

    MISSING = 0
    """Nothing: no such key, null, or a text without anything but blanks."""
    MALFORMED = 1
    HELD = 2


class Reading(NamedTuple):
    """What a value says."""

    presence: Presence
    terms: tuple[tuple[str, ...], ...] = ()
    """In groups; those of one group share a weight, so that many of one kind do not drown few of another."""
    numbers: tuple[float, ...] = ()
    """Empty where nothing was read."""
    problem: str | None = None
    """What is wrong with a malformed one."""
    seconds: float = UNKNOWN
    """Of a moment: since 1970, in UTC."""


MISSING: Final = Reading(Presence.MISSING)


@dataclass(frozen=True, slots=True)
class FieldReader:
    """A type of field: the names of the numbers that it gives, and how a value becomes a reading."""

    numbers: tuple[str, ...]
    read_text: Callable[[str], Reading]
    """Reads a text that has more than blanks in it."""
    read_number: Callable[[float], Reading] | None = None
    """Reads a number that is finite; absent: its digits are read as a text."""

    def read(self, value: object) -> Reading:
        """Read any value."""
        if value is None:
            return MISSING
        if isinstance(value, str):
            return self.read_text(value) if value.strip() else MISSING
        if isinstance(value, bool | int | float):
            return self._read_number(value)
        return malformed("a list or an object where one value is expected")

    def _read_number(self, value: float) -> Reading:
        if self.read_number is None:
            try:
                return self.read_text(str(value).lower() if isinstance(value, bool) else str(value))
            except ValueError:  # Python does not write integers of thousands of digits
                return malformed("a number beyond all bounds")
        try:
            number = float(value)
        except OverflowError:
            return malformed("a number beyond all bounds")
        return self.read_number(number) if math.isfinite(number) else malformed("a number that is not finite")


def malformed(problem: str) -> Reading:
    """Give the reading of a value that is not of its type."""
    return Reading(Presence.MALFORMED, problem=problem)


def quoted(value: str) -> str:
    """Give a value as a sentence can hold it."""
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def share(count: int, of: int) -> float:
    """Give a share of a whole that may be nothing."""
    return count / of if of else 0.0
