"""What supervisor and workers say to each other, a word to a line, over the socket that a worker is started with."""

from enum import StrEnum


class Order(StrEnum):
    """What a supervisor says after the briefing. That it says no more means `RETIRE` too: it is dead."""

    ACCEPT = "accept"
    """Take connections."""
    STOP = "stop"
    """The server stops: say so for as long as was set, then as `RETIRE`."""
    RETIRE = "retire"
    """Take no more connections, finish what was begun, and end."""
    HASTEN = "hasten"
    """End now."""


class Note(StrEnum):
    """What a worker says."""

    BEAT = "beat"
    """My event loop turns."""
    LOADED = "loaded"
    """Each of my models was loaded or has failed."""
