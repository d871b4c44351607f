"""What became of every request, and which promises that keeps."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.cli.load_connection import LoadConnection

from .disturbances import Disturbances, Kill
from .traffic import Soak

_BREAKS_WITHIN_S: Final = 3.0
"""After a worker was killed, its connections have broken; the client, too, has little time to look."""
_GROWTH: Final = 1.10


class Promise(NamedTuple):
    """What was promised, what came of it, and whether that is it."""

    name: str
    found: str
    is_kept: bool


class Memory(NamedTuple):
    """Megabytes of those who lived from the first measurement to the last."""

    supervisor: float
    eldest_worker: float
    eldest_pid: int


def killed_with(connection: LoadConnection, soak: Soak, kills: list[Kill]) -> Kill | None:
    """Give the kill that broke a connection."""
    lost = soak.lost_at.get(connection)
    if lost is None:
        return None
    return next((kill for kill in kills if 0 <= lost - kill.at <= _BREAKS_WITHIN_S), None)


def of_answers(soak: Soak, disturbances: Disturbances, n_connections: int, stale_after_s: float) -> list[Promise]:
    """Judge answers and failures."""
    kills = disturbances.kills
    unexplained = [
        number for number in soak.failed_at if killed_with(soak.asked_over[number], soak, kills) is None
    ]  # fmt: skip
    n_wrong = soak.wrong.total()
    n_sent = soak.tally.sent
    n_ended = len(soak.answered_at) + len(soak.failed_at)
    told = f"{n_wrong} of {len(soak.answered_at):,}"
    if n_wrong:
        told += f": {soak.wrong.most_common(3)}"
    at_most = n_connections * len(kills)
    return [
        Promise("no wrong answer", told, n_wrong == 0),
        Promise("every request has an end", f"{n_ended:,} of {n_sent:,}", n_ended == n_sent),
        Promise(
            "no request fails but on a killed worker's connections",
            f"{len(unexplained)} others; {len(soak.failed_at)} on those, of {len(kills)} workers killed",
            not unexplained and len(soak.failed_at) <= at_most,
        ),
        Promise("nobody is refused a connection", _refused(soak), not _refused_any(soak)),
        Promise(
            f"no answer by a version that was replaced more than {stale_after_s:g} s before",
            f"{soak.n_stale}",
            soak.n_stale == 0,
        ),
    ]


def of_the_log(
    soak: Soak, disturbances: Disturbances, rows: Mapping[str, int], dropped: float, newest_s: float
) -> list[Promise]:
    """
    Judge the request log.

    Args:
        soak: what was answered.
        disturbances: who was killed.
        rows: of each request in the log.
        dropped: requests that the metrics count as dropped.
        newest_s: for so long, and the outages, a worker that is killed may have kept what it had not written yet.
    """
    missing = [number for number in soak.answered_at if f"soak-{number}" not in rows]
    with_killed = {}
    for number in missing:
        if (kill := killed_with(soak.asked_over[number], soak, disturbances.kills)) is not None:
            with_killed[number] = kill.at - soak.answered_at[number]
    n_lost = len(missing) - len(with_killed)
    oldest_s = max(with_killed.values(), default=0.0)
    twice = sum(n > 1 for n in rows.values())
    return [
        Promise(
            "every request is in the log, counted as dropped, or died with a worker",
            f"{len(soak.answered_at) - len(missing):,} in the log; {len(with_killed)} died with their worker, the"
            f" oldest {oldest_s:.1f} s old; {dropped:.0f} counted as dropped; {max(0, n_lost - int(dropped))} lost",
            n_lost <= dropped and oldest_s <= newest_s,
        ),
        Promise("no request is in the log twice", f"{twice}", twice == 0),
    ]


def of_memory(before: Memory | None, after: Memory | None, growth_mb: float) -> list[Promise]:
    """Judge what is held at the end by what was in the beginning: a tenth more, or so many megabytes."""
    if before is None or after is None:
        return [Promise("memory stays", "not measured: too few requests", False)]
    kept = [
        Promise(
            f"memory of the {who} stays within 10 % (or {growth_mb:.0f} MB)",
            f"{first:.0f} MB, then {last:.0f} MB",
            last <= max(first * _GROWTH, first + growth_mb),
        )
        for who, first, last in (
            ("eldest worker", before.eldest_worker, after.eldest_worker),
            ("supervisor", before.supervisor, after.supervisor),
        )
    ]
    same = before.eldest_pid == after.eldest_pid
    return [*kept, Promise("who was not killed lives", "yes" if same else "no", same)]


def _refused_any(soak: Soak) -> bool:
    return any(reason.startswith("no connection") for reason in soak.tally.failures)


def _refused(soak: Soak) -> str:
    refused = {reason: n for reason, n in soak.tally.failures.items() if reason.startswith("no connection")}
    return str(refused) if refused else "0"
