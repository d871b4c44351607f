"""
Looks after versions that were just activated, and rolls one back by itself where it does worse than the one before it.

Activations are noticed in the aliases, whoever moved them and wherever. Of the workers that count together one watches.
What it has seen lies beside the counts, so that another goes on where it ended.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from ..domain.errors import ParleyError
from ..domain.model_reference import ACTIVE, PREVIOUS
from ..domain.served import NotServedError
from ..domain.version_errors import AliasesMovedError
from .live_figures import Bounds, LiveFigures, worse
from .watch_notes import Seen, Watched, WatchNotes

_log = logging.getLogger(__name__)

CALLER: Final = "watch"
"""Who rolls back, as the audit log has it."""
_LOOKS_EVERY_S: Final = 1.0
_ENDS_WITHIN_S: Final = 2.0
_NOTHING: Final = LiveFigures()


class RollBack(Protocol):
    """What takes a version back."""

    def roll_back(  # noqa: D102
        self,
        name: str,
        caller: str,
        *,
        expected: Mapping[str, int] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> dict[str, int]: ...


class ActivationWatch:
    """Watches from `start` to `close`."""

    def __init__(  # noqa: PLR0913 - each is something else
        self,
        aliases: Callable[[], Mapping[str, Mapping[str, int]]],
        figures: Callable[[str], Mapping[int, LiveFigures]],
        versions: RollBack,
        *,
        watch_s: float,
        bounds: Bounds,
        folder: Path | None = None,
    ) -> None:
        """
        Do nothing yet.

        Args:
            aliases: gives those of each model, as they are known here.
            figures: gives what the versions of a model have answered.
            versions: what takes a version back.
            watch_s: how long a version is watched, in seconds.
            bounds: what is still good enough.
            folder: where those count that watch in turn; without it this process counts and watches alone.
        """
        self._aliases, self._figures, self._versions = aliases, figures, versions
        self._watch_s, self._bounds = watch_s, bounds
        self._notes = WatchNotes(folder)
        self._complaint = ""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="activation watch", daemon=True)

    def start(self) -> None:
        """Begin to look; models that are not known by now are taken for gone."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; a rollback that has begun is waited for, though not for long."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join(_ENDS_WITHIN_S)

    def look(self) -> None:
        """
        Notice activations, and judge what is watched; where it is another one's turn, do nothing.

        Raises:
            OSError: counts, or what was seen before, cannot be read or written; the next look does what is left.
        """
        if not self._notes.take_turn():
            return
        notes = self._notes.seen
        known = self._aliases()
        for name in notes.keys() - known.keys():
            del notes[name]
        for name, aliases in known.items():
            if ACTIVE in aliases:
                notes[name] = self._notice(name, aliases[ACTIVE], aliases.get(PREVIOUS))
        for name, seen in list(notes.items()):
            if seen.watched is not None and self._is_over(name, seen, seen.watched):
                notes[name] = Seen(seen.active, seen.previous)
        self._notes.keep()

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may do
                complaint = f"{type(error).__name__} while activations are watched: {error}"
                if complaint != self._complaint:
                    _log.error("%s", complaint)
                self._complaint = complaint
            else:
                self._complaint = ""
            self._end.wait(_LOOKS_EVERY_S)

    def _notice(self, name: str, active: int, previous: int | None) -> Seen:
        """Look at the aliases of a model; to go back to what answered before is nothing that is watched."""
        seen = self._notes.seen.get(name)
        if seen is not None and (seen.active, seen.previous) == (active, previous):
            return seen
        if seen is not None and seen.watched is not None:
            _log.info("model %r: version %d is watched no more, for the aliases were moved", name, seen.active)
        if seen is None or previous is None or active in (seen.active, seen.previous):
            return Seen(active, previous)
        return Seen(active, previous, self._begin(name, active, previous))

    def _begin(self, name: str, active: int, previous: int) -> Watched | None:
        figures = self._figures(name)
        before = figures.get(previous, _NOTHING)
        if before.texts < self._bounds.least:
            _log.info(
                "model %r: version %d is not watched, for there is too little to compare it with:"
                " version %d gave %d predictions here, and %d are needed",
                *(name, active, previous, before.texts, self._bounds.least),
            )
            return None
        _log.info("model %r: version %d is watched for %g s", name, active, self._watch_s)
        return Watched(time.monotonic() + self._watch_s, before, figures.get(active, _NOTHING))

    def _is_over(self, name: str, seen: Seen, watched: Watched) -> bool:
        now = self._figures(name).get(seen.active, _NOTHING).since(watched.at_first)
        found = worse(watched.before, now, self._bounds)
        if found and seen.previous is not None:
            self._roll_back(name, {ACTIVE: seen.active, PREVIOUS: seen.previous}, watched.before, now, found)
            return True
        if time.monotonic() < watched.ends_at:
            return False
        outcome = "it does no worse" if now.texts >= self._bounds.least else "too few to tell"
        _log.info("model %r: version %d is watched no more: %d predictions, %s", name, seen.active, now.texts, outcome)
        return True

    def _roll_back(
        self, name: str, expected: Mapping[str, int], before: LiveFigures, now: LiveFigures, found: list[str]
    ) -> None:
        _log.warning("model %r: version %d does worse and is rolled back: %s", name, expected[ACTIVE], "; ".join(found))
        details = {
            "worse": found,
            "predictions": now.texts,
            "fallbacks": round(now.fallback_share, 4),
            "fallbacks_before": round(before.fallback_share, 4),
            "ms": round(now.seconds_a_text * 1000, 3),
            "ms_before": round(before.seconds_a_text * 1000, 3),
        }
        try:
            self._versions.roll_back(name, CALLER, expected=expected, details=details)
        except (AliasesMovedError, NotServedError) as error:
            _log.warning("%s", error)
        except ParleyError as error:
            _log.error("model %r: version %d could not be rolled back: %s", name, expected[ACTIVE], error)
