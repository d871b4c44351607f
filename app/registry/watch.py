"""
Notice what changed in a registry's folder, by looking at it again and again.

It needs nothing that a shared folder may lack, such as notices of the kernel. A look costs a system call a model; where
there are many, each look takes a part of them, and a few looks all.
"""

import os
import time
from pathlib import Path
from typing import Final

from .layout import ALIASES, shown
from .signatures import NOTHING, Signature, changed_ns, signature

LOOKS_FOR_ALL: Final = 4
"""As many looks at the most, until each model was looked at."""
_AT_ONCE: Final = 64  # models that every look can afford
_TICK_NS: Final = 2 * 10**9  # of a file system's clock, at the most
_LONG_AGO_NS: Final = 3_600 * 10**9  # by more than that the clocks of two machines do not differ


class RegistryWatch:
    """Compares a folder with what it was; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: Signature = NOTHING
        self._seen: dict[str, Signature] = {}
        self._to_come: list[str] = []
        self._restless: set[str] = set()

    def look(self) -> set[str]:
        """
        Give the names of entries that have come, gone or changed since they were looked at last.

        Everything is new to the first look. What has changed is named by the next look again: it may have changed
        twice within a tick of the file system's clock. Of what is new to the first look, that is true of what changed
        last.

        Raises:
            OSError: the folder cannot be listed, or is gone although there was something in it.
        """
        is_first, restless, self._restless = not self._seen, self._restless, set()
        names = {*self._come_and_gone(), *self._next_ones(), *restless}
        changed = {name for name in names if self._has_changed(name)}
        self._restless = {name for name in changed if name in self._seen}
        if is_first:
            self._restless &= self._changed_last()
        return {shown(name) for name in changed | restless}

    def _changed_last(self) -> set[str]:
        """Name what may have changed within the tick of the last change of all, by the file system's own clock."""
        last_ns = max((changed_ns(found) for found in self._seen.values()), default=0)
        if last_ns < time.time_ns() - _LONG_AGO_NS:
            return set()
        since_ns = last_ns - _TICK_NS
        return {name for name, found in self._seen.items() if changed_ns(found) >= since_ns}

    def _come_and_gone(self) -> set[str]:
        listed = signature(self._folder)
        if listed == self._listed and self._to_come:
            return set()
        try:
            names = set(os.listdir(self._folder))  # noqa: PTH208 - a name each is enough
        except FileNotFoundError:
            if self._seen:
                raise
            names = set()
        self._listed = listed
        return names ^ self._seen.keys()

    def _next_ones(self) -> list[str]:
        if not self._to_come:
            self._to_come = sorted(self._seen)
        n = max(_AT_ONCE, -(-len(self._seen) // LOOKS_FOR_ALL))
        now, self._to_come = self._to_come[:n], self._to_come[n:]
        return now

    def _has_changed(self, name: str) -> bool:
        found = signature(f"{self._folder}/{name}/{ALIASES}")
        if found == NOTHING:  # no model, or one without aliases: its versions tell of a change
            found = signature(f"{self._folder}/{name}")
        before = self._seen.pop(name, None)
        if found != NOTHING:
            self._seen[name] = found
        return found != (before or NOTHING)
