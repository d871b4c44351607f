"""Which worker of this machine serves which version, and waiting until all serve the same."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from ..domain.served import NotServedError, Served

_LOOKS_EVERY_S: Final = 0.03
_WITHIN_S: Final = 10.0


class Announcements(Protocol):
    """Where workers say what they serve; what a worker said is gone when it has ended, however it has."""

    def announce(self, served: Mapping[str, Served]) -> None:
        """
        Say what this process serves, by model, in place of what it said before.

        Raises:
            OSError: it cannot be said.
        """

    def withdraw(self) -> None:
        """Say that this process serves no more."""

    def of_the_living(self) -> Mapping[str, Mapping[str, Served]]:
        """
        Give what each worker that lives serves, by what the worker is called.

        Raises:
            OSError: nobody can tell.
        """


class ServedEverywhere:
    """Waits for all workers that serve now; one that begins later begins with what is active then."""

    def __init__(self, announcements: Announcements, aliases_signature: Callable[[str], tuple[int, int, int]]) -> None:
        """Ask those who announce; `aliases_signature` tells which aliases of a model are on disk."""
        self._announcements, self._aliases_signature = announcements, aliases_signature

    def wait(self, name: str, version: int, *, within_s: float = _WITHIN_S) -> None:
        """
        Wait until every worker answers requests for a model by this version; where there is no worker, nothing is.

        To be called when the aliases on disk say so already. A worker that has seen them and answers by another
        version will not change its mind, and is not waited for.

        Raises:
            NotServedError: some do not, with what each of them says.
        """
        deadline = time.monotonic() + within_s
        while True:
            late, otherwise = self._compare(name, version)
            if otherwise or (late and time.monotonic() > deadline):
                raise NotServedError(name, version, otherwise | late)
            if not late:
                return
            time.sleep(_LOOKS_EVERY_S)

    def _compare(self, name: str, version: int) -> tuple[dict[str, str], dict[str, str]]:
        """Give who has not seen the aliases, and who has and answers otherwise."""
        late, otherwise = {}, {}
        on_disk = self._aliases_signature(name)
        for worker, models in self._announcements.of_the_living().items():
            served = models.get(name)
            if served is None or served.aliases != on_disk:
                late[worker] = "it has not taken notice"
            elif served.version != version:
                otherwise[worker] = served.problem or f"it answers by version {served.version}"
        return late, otherwise
