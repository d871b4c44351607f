"""Measure contenders in turns, so that whatever else the machine does hits all of them alike."""

import contextlib
import gc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .contenders import Contender
from .environments import NotInstalledError, installed
from .load import errors_of, offer, take_all
from .overload import Overload, overload
from .running import RunningServer, UnusableServerError, running

_WARM_UP_S = 1.0
_OVERLOADED = "parley"


@dataclass(slots=True)
class Measured:
    """What was measured of a contender; seconds."""

    contender: Contender
    rates: list[float] = field(default_factory=list)
    """Answers per second of each round, in a closed loop; texts per second where a request has many."""
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    """Of each round, at half the median of the rates."""
    errors: int = 0
    absent: str | None = None
    overload: Overload | None = None

    @property
    def rate(self) -> float | None:
        """The median of the rounds."""
        return median(self.rates) if self.rates else None

    def ratio_to(self, other: "Measured | None") -> float | None:
        """Give the median of the rounds' ratios: what slows the machine down slows both of a round."""
        if other is None or not self.rates or not other.rates or not all(other.rates):
            return None
        return median(ours / theirs for ours, theirs in zip(self.rates, other.rates, strict=True))


@dataclass(frozen=True, slots=True)
class Rounds:
    """How long it is measured."""

    n_rounds: int
    seconds: float
    texts: Sequence[str]
    """Distinct; as many as no round is long enough to repeat."""


def measure(
    contenders: Sequence[Contender],
    models: Mapping[str, Path],
    peers: Path,
    rounds: Rounds,
    tell: Callable[[str], None],
) -> list[Measured]:
    """Start all, measure them in turns, stop all; one that cannot be measured says why and is passed over."""
    cores = os.sched_getaffinity(0)
    results = [Measured(contender, absent=contender.absent) for contender in contenders]
    try:
        with contextlib.ExitStack() as stack:
            servers: list[tuple[Measured, RunningServer]] = []
            for result in results:
                server = None if result.absent else _start(result, models, peers, rounds, stack, tell)
                if server is not None:
                    servers.append((result, server))
            _run(servers, rounds, tell)
    finally:
        os.sched_setaffinity(0, cores)
    return results


def _start(  # noqa: PLR0913, PLR0917 - what a start needs
    result: Measured,
    models: Mapping[str, Path],
    peers: Path,
    rounds: Rounds,
    stack: contextlib.ExitStack,
    tell: Callable[[str], None],
) -> RunningServer | None:
    contender = result.contender
    try:
        commands = installed(contender, peers, tell)
        tell(f"starting {contender.title}")
        return stack.enter_context(running(contender, commands, models[contender.family], rounds.texts))
    except (NotInstalledError, UnusableServerError) as error:
        result.absent = str(error)
        return None


def _run(servers: Sequence[tuple[Measured, RunningServer]], rounds: Rounds, tell: Callable[[str], None]) -> None:
    gc.collect()
    gc.disable()  # this process is the client, and a pause of its own would be taken for the server's
    try:
        for number in range(rounds.n_rounds):
            for result, server in servers:
                tell(f"round {number + 1} of {rounds.n_rounds}: all that {result.contender.title} takes")
                start = number * len(rounds.texts) // rounds.n_rounds
                if number == 0:
                    take_all(server, rounds.texts, _WARM_UP_S, start)
                taken = take_all(server, rounds.texts, rounds.seconds, start)
                result.rates.append(taken.per_second * server.contender.batch)
                result.errors += taken.errors
                gc.collect()
        for number in range(rounds.n_rounds):
            for result, server in servers:
                tell(f"round {number + 1} of {rounds.n_rounds}: half of that for {result.contender.title}")
                _at_half_load(result, server, rounds)
                gc.collect()
        for result, server in servers:
            if result.contender.name == _OVERLOADED and result.rate:
                tell(f"far too much for {result.contender.title}")
                result.overload = overload(server, rounds.texts, rounds.seconds, result.rate)
    finally:
        gc.enable()


def _at_half_load(result: Measured, server: RunningServer, rounds: Rounds) -> None:
    if not result.rate:
        return
    tally = offer(server, rounds.texts, rounds.seconds, result.rate / server.contender.batch / 2)
    result.errors += errors_of(tally) + tally.unsent
    percentiles = tally.percentiles()
    if percentiles:
        result.p50.append(percentiles[50.0])
        result.p99.append(percentiles[99.0])
