"""
A server follows its registry: what anybody publishes, moves or removes there is served within a second.

Threads of its own look, load and verify, so that no request waits for what nobody asked for.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from ..registry.watch import LOOKS_FOR_ALL
from .errands import Errands
from .loaded_models import LoadedModels
from .served_everywhere import Announcements
from .standing import Care

_log = logging.getLogger(__name__)

LOOKS_EVERY_S: Final = 0.15
_TIDIES_EVERY_S: Final = 1.0
_GIVES_BACK_EVERY_S: Final = 2.0
_GIVES_BACK_AT_ONCE: Final = 16 << 20
_LOADERS: Final = 2  # one model that takes long does not keep others waiting
_RESTS: Final = 3  # times as long as it worked
_ENDS_WITHIN_S: Final = 10.0


class Watch(Protocol):
    """What notices changes in a registry."""

    def look(self) -> set[str]:
        """
        Give names that have changed since they were looked at last; everything is new to the first look.

        Raises:
            OSError: nobody can tell.
        """


class RegistryFollowing:
    """Keeps models as the registry has them, from `start` to `close`."""

    def __init__(
        self,
        models: LoadedModels,
        watch: Watch,
        announcements: Announcements,
        give_back_memory: Callable[[], None],
    ) -> None:
        """
        Do nothing yet.

        Args:
            models: what follows.
            watch: what notices.
            announcements: where it is said which versions this process serves.
            give_back_memory: called when versions were let go, and not for each of them.
        """
        self._models, self._watch, self._announcements = models, watch, announcements
        self._give_back_memory = give_back_memory
        self._errands = Errands()
        self._end = threading.Event()
        self._announcing = threading.Lock()
        self._announced = -1
        self._complaints: dict[str, str] = {}
        self._looked_at: set[str] = set()
        self._tidied_at = self._gave_back_at = 0.0
        self._gave_back_bytes = 0
        self._threads: list[threading.Thread] = []

    def start(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Load what is to be loaded before anybody asks, say so, and follow from then on; this returns at once."""
        self._spawn(self._follow, when_ready)

    def close(self) -> None:
        """Follow no more, and wait for what is being loaded."""
        self._end.set()
        self._errands.close()
        deadline = time.monotonic() + _ENDS_WITHIN_S
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._announcements.withdraw()

    def _spawn(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, name=run.__name__.strip("_"), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _follow(self, when_ready: Callable[[], None]) -> None:
        names = self._look()
        while not self._models.load_all(self._make_known):
            if self._end.wait(_TIDIES_EVERY_S):
                return
            names |= self._look()
        when_ready()
        self._looked_at |= names
        for _ in range(_LOADERS):
            self._spawn(self._load)
        self._spawn(self._verify)
        while not self._end.wait(LOOKS_EVERY_S):
            try:
                self._keep_up()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may do
                self._complain("following", f"{type(error).__name__} while following the registry: {error}")
            else:
                self._complaints.pop("following", None)

    def _make_known(self) -> None:
        """Say what is served, then take notice of what changed while nobody knew that this worker would serve."""
        self._announce()
        looks = range(LOOKS_FOR_ALL + 1)  # the first may be the last of a round
        for name in set[str]().union(*(self._look() for _ in looks)):
            self._refresh(name, least=Care.KNOWN)  # what is in no memory is verified behind

    def _keep_up(self) -> None:
        self._errands.put(self._look())
        if time.monotonic() - self._tidied_at >= _TIDIES_EVERY_S:
            self._tidied_at = time.monotonic()
            self._errands.put(self._models.roster.worth_a_look())
            self._announce()
            names, self._looked_at = self._looked_at, set()
            self._models.roster.tell_strays(names)
            self._models.tidy()
        self._give_back()

    def _look(self) -> set[str]:
        try:
            changed = self._watch.look()
        except OSError as error:
            self._complain("looking", f"the registry cannot be looked at; what is loaded goes on answering: {error}")
            return set()
        self._complaints.pop("looking", None)
        return changed

    def _load(self) -> None:
        while (name := self._errands.take()) is not None:
            self._refresh(name)
            self._errands.done(name)

    def _verify(self) -> None:
        """Compare what is not in memory with its digests, for a fourth of this thread's time: requests come first."""
        for name in self._models.roster.unchecked():
            started = time.monotonic()
            self._refresh(name)
            if self._end.wait(_RESTS * (time.monotonic() - started)):
                return

    def _refresh(self, name: str, *, least: Care = Care.CHECKED) -> None:
        try:
            self._looked_at.add(name)
            self._models.refresh(name, least=least)
        except Exception:  # noqa: BLE001 - whatever it is, other models are followed
            _log.exception("model %r could not be looked at", name)
        self._announce()

    def _announce(self) -> None:
        with self._announcing:
            n_changes = self._models.roster.n_changes
            if n_changes == self._announced:
                return
            try:
                self._announcements.announce(self._models.roster.served())
            except OSError as error:
                self._complain("announcing", f"what this worker serves cannot be told to others: {error}")
            else:
                self._complaints.pop("announcing", None)
                self._announced = n_changes

    def _give_back(self) -> None:
        unloaded = self._models.figures().unloaded_bytes
        freed = unloaded - self._gave_back_bytes
        if freed > _GIVES_BACK_AT_ONCE or (freed and time.monotonic() - self._gave_back_at > _GIVES_BACK_EVERY_S):
            self._gave_back_at, self._gave_back_bytes = time.monotonic(), unloaded
            self._give_back_memory()

    def _complain(self, about: str, complaint: str) -> None:
        """Write a line, but not the same one for as long as nothing has changed."""
        if complaint != self._complaints.get(about):
            self._complaints[about] = complaint
            _log.error("%s", complaint)
