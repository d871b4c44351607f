"""What a trainer tells its runner: objects of JSON, one a line, through a pipe."""

import os
from typing import Final, TypeAlias

import msgspec

from ..domain.job import JobOutcome, JobProgress

MAX_LINE_BYTES: Final = 1 << 20
"""Of an event; what is longer is no event."""


class Progressed(msgspec.Struct, frozen=True, tag="progress"):
    """How far it has come."""

    progress: JobProgress


class Said(msgspec.Struct, frozen=True, tag="line"):
    """A line for the job's log; nothing that anybody typed stands in it."""

    line: str


class Published(msgspec.Struct, frozen=True, tag="published"):
    """There is a version now; whether it will answer is not decided yet."""

    outcome: JobOutcome


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """All is done."""

    outcome: JobOutcome
    is_refused: bool = False
    """Whether the gate did not let the version answer."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Nothing more comes of it."""

    problem: str
    code: str
    is_passing: bool = False
    """Whether another attempt may do better."""


Event: TypeAlias = Progressed | Said | Published | Finished | Failed

_decoder = msgspec.json.Decoder(Event)


class EventWriter:
    """A trainer's end of the pipe."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def tell(self, event: Event) -> None:
        """
        Tell something; it waits while the runner does not read.

        Raises:
            BrokenPipeError: the runner is gone.
        """
        line = msgspec.json.encode(event) + b"\n"
        while line:
            line = line[os.write(self._fd, line) :]


class EventReader:
    """A runner's end of the pipe; what is no event is passed over."""

    def __init__(self, fd: int) -> None:
        self._fd, self._begun = fd, b""
        self.has_ended = False
        """Whether nobody is left who could tell anything."""
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """Give what can be waited for."""
        return self._fd

    def read(self) -> list[Event]:
        """Give what was told since."""
        events: list[Event] = []
        while not self.has_ended:
            try:
                read = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                break
            self.has_ended = not read
            *lines, self._begun = (self._begun + read).split(b"\n")
            events += [event for line in lines if (event := _event_of(line)) is not None]
            self._begun = self._begun if len(self._begun) <= MAX_LINE_BYTES else b""
        return events

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)


def _event_of(line: bytes) -> Event | None:
    try:
        event: Event = _decoder.decode(line)
    except msgspec.MsgspecError:
        return None
    return event
