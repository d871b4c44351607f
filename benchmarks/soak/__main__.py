"""
Load a server while versions are published, aliases moved and rolled back, workers killed, and the database goes away.

    python -m benchmarks.soak [--requests 200000] [--connections 32] [--postgresql]

Every answer is held against what the version that gave it has to say. A table of the promises is printed; the exit code
is 1 where one was not kept.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.cli.load_tally import Plan

from .account import Memory, Promise, of_answers, of_memory, of_the_log
from .databases import Database, PostgresDatabase, SqliteFile, logged
from .disturbances import Disturbances
from .server import SoakedServer, megabytes
from .traffic import Requests, Soak
from .versions import Versions

_WRITTEN_WITHIN_S = 90.0
_FEW = 100
_LOG_AGE_S = 5.0


@click.command(help=__doc__.strip().split("\n\n")[0] if __doc__ else None)
@click.option("--requests", "n_requests", type=click.IntRange(100), default=200_000, show_default=True)
@click.option("--connections", type=click.IntRange(1), default=32, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--change-s", type=float, default=1.0, show_default=True, help="between changes of what is active")
@click.option("--kill-s", type=float, default=10.0, show_default=True, help="between kills of a worker")
@click.option("--outage-s", type=float, default=6.0, show_default=True, help="between outages of the database")
@click.option("--away-s", type=float, default=2.0, show_default=True, help="that an outage lasts")
@click.option("--memory-after", type=int, default=20_000, show_default=True, help="answers, then memory is measured")
@click.option("--growth-mb", type=float, default=5.0, show_default=True, help="of memory, where a tenth is less")
@click.option("--stale-after-s", type=float, default=1.0, show_default=True, help="that a replaced version may answer")
@click.option("--postgresql", is_flag=True, help="a PostgreSQL of its own in the place of SQLite")
def main(**options: object) -> None:
    """Run it, and print the table."""
    with tempfile.TemporaryDirectory(prefix="parley-soak-") as folder:
        promises = _soak(Path(folder), **options)  # type: ignore[arg-type]  # click gives them as they are declared
    table = Table("promise", "found", "", title="Soak")
    for one in promises:
        table.add_row(one.name, one.found, "kept" if one.is_kept else "MISSED")
    Console(highlight=False, width=160).print(table)
    sys.exit(0 if all(one.is_kept for one in promises) else 1)


def _soak(  # noqa: PLR0913 - what can be chosen
    folder: Path,
    *,
    n_requests: int,
    connections: int,
    workers: int,
    change_s: float,
    kill_s: float,
    outage_s: float,
    away_s: float,
    memory_after: int,
    growth_mb: float,
    stale_after_s: float,
    postgresql: bool,
) -> list[Promise]:
    console = Console(stderr=True, highlight=False)
    versions = Versions(folder)
    versions.prove()
    database: Database = PostgresDatabase() if postgresql else SqliteFile(folder)
    server = SoakedServer(folder, database.url, workers)
    measured: list[Memory] = []

    def measure() -> None:
        eldest = server.workers()[0]
        measured.append(Memory(megabytes(server.supervisor()), megabytes(eldest), eldest))

    try:
        requests = Requests(n_requests, server, versions)
        plan = Plan(connections=connections, n_requests=n_requests, timeout_s=60)
        soak = Soak(server, requests, plan, versions, stale_after_s=stale_after_s, at={memory_after: measure})
        disturbances = Disturbances(server, versions, database)
        _wait_until(lambda: server.metric('parley_request_log_total{outcome="written"}') > 0)
        began, told = time.monotonic(), [0.0]

        def tell(done: float) -> None:
            if time.monotonic() - told[0] > 10:  # noqa: PLR2004 - seconds
                told[0] = time.monotonic()
                console.print(f"{done:.0%} after {told[0] - began:.0f} s, {megabytes(server.workers()[0]):.0f} MB")

        with disturbances.going_on(change_s=change_s, kill_s=kill_s, outage_s=outage_s, away_s=away_s):
            soak.run_alone(tell)
        seconds = time.monotonic() - began
        _wait_until(lambda: server.metric("parley_request_log_queued") < _FEW)
        measure()
        dropped = server.metric('parley_request_log_total{outcome="dropped')
        restarts = server.metric("parley_worker_restarts_total")
        exit_code = server.stop()
        rows = logged(database.url)
        tracebacks = server.log().count("Traceback")
    finally:
        server.stop()
        database.remove()
    console.print(
        f"{soak.tally.answered:,} answers in {seconds:.0f} s by {len(soak.by_version)} versions;"
        f" {versions.n_published} published, {versions.n_moved} moves, {versions.n_rolled_back} rolled back;"
        f" {len(disturbances.kills)} workers killed; {disturbances.n_outages} outages of the database"
    )
    return [
        *of_answers(soak, disturbances, connections, stale_after_s),
        *of_the_log(soak, disturbances, rows, dropped, _LOG_AGE_S + 2 * away_s),
        *of_memory(measured[0] if len(measured) > 1 else None, measured[-1], growth_mb),
        Promise(
            "a killed worker is replaced",
            f"{restarts:.0f} replaced of {len(disturbances.kills)}",
            restarts == len(disturbances.kills),
        ),
        Promise("nothing unexpected is in its log", f"{tracebacks} tracebacks", tracebacks == 0),
        Promise("it ends by itself", f"exit code {exit_code}", exit_code == 0),
        Promise("what was to be done was done", "; ".join(disturbances.failures) or "all", not disturbances.failures),
    ]


def _wait_until(so: Callable[[], bool]) -> None:
    """Wait for what takes a while; what it leads to is looked at later."""
    end = time.monotonic() + _WRITTEN_WITHIN_S
    while time.monotonic() < end and not so():
        time.sleep(0.2)


if __name__ == "__main__":
    main()
