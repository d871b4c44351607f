"""How runners learn that it is time to look at the table of jobs."""

from typing import Final, Protocol

from .stop_request import StopRequest

TABLE_EVERY_S: Final = 0.5
"""How often the table is looked at while nobody rings."""


class Bell(Protocol):
    """What a runner waits for between two looks at the table."""

    def wait(self, stop: StopRequest) -> None:
        """Return when it is time to look again, or to stop."""

    def close(self) -> None:
        """Give back what is held."""


class NoBell:
    """Nobody rings: the table is looked at again and again."""

    def wait(self, stop: StopRequest) -> None:
        """Wait for a while."""
        stop.wait(TABLE_EVERY_S)

    def close(self) -> None:
        """Hold nothing."""
