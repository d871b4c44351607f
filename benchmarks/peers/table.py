"""The tables of a run, and the same as JSON."""

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from .load import CONNECTIONS, HAS_WRK
from .measure import Measured
from .overload import TIMES, as_values
from .promises import Promise

_NONE: Final = "–"
_VERDICTS: Final = {True: "[green]kept[/green]", False: "[red]missed[/red]", None: "not measured"}


def print_tables(console: Console, results: Sequence[Measured], kept: Sequence[Promise]) -> None:
    """Print what was measured, the overload, and the promises."""
    bare = next((result for result in results if result.contender.name == "tornado"), None)
    by = "wrk" if HAS_WRK else "the engine of `python -m app loadtest` (wrk is not installed)"
    table = Table(f"{CONNECTIONS} connections, closed loop by {by}", box=None)
    for heading in ("requests/s", "to bare Tornado", "p50 ms at half load", "p99 ms", "errors"):
        table.add_column(heading, justify="right")
    for result in results:
        if result.rate is None:
            table.add_row(result.contender.title, f"skipped: {result.absent}", *[_NONE] * 4)
            continue
        table.add_row(
            result.contender.title,
            f"{result.rate:,.0f}",
            _NONE if (ratio := result.ratio_to(bare)) is None else f"{ratio:.2f}",
            _milliseconds(result.p50),
            _milliseconds(result.p99),
            str(result.errors),
        )
    console.print(table)
    for result in results:
        if result.overload:
            figures = ", ".join(f"{key} {value:,}" for key, value in as_values(result.overload).items())
            console.print(
                f"\n{result.contender.title}, {TIMES} times what it takes, open loop: {figures}", markup=False
            )
    promised = Table("\npromise", box=None)
    for heading in ("\nbound", "\nseen", "\nthis run"):
        promised.add_column(heading, justify="right")
    for promise in kept:
        seen = _NONE if promise.seen is None else f"{promise.seen:,.2f}"
        bound = f"{'at most' if promise.at_most else 'at least'} {promise.bound:,g}"
        promised.add_row(promise.says, bound, seen, _VERDICTS[promise.kept])
    console.print(promised)


def as_json(results: Sequence[Measured], kept: Sequence[Promise], machine: str) -> dict[str, Any]:
    """Give all of it, rounds included; milliseconds."""
    return {
        "machine": machine,
        "contenders": [
            {
                "name": result.contender.name,
                "title": result.contender.title,
                "skipped": result.absent,
                "rates": [round(rate, 1) for rate in result.rates],
                "rate": result.rate and round(result.rate, 1),
                "p50_ms": [round(seconds * 1000, 3) for seconds in result.p50],
                "p99_ms": [round(seconds * 1000, 3) for seconds in result.p99],
                "errors": result.errors,
                "overload": result.overload and as_values(result.overload),
            }
            for result in results
        ],
        "promises": [
            {"says": one.says, "bound": one.bound, "at_most": one.at_most, "seen": one.seen, "kept": one.kept}
            for one in kept
        ],
    }


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1000:.2f}" if seconds else _NONE
