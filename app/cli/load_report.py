"""A load test's outcome as a person reads it, and as a program does."""

from http.client import responses
from typing import Any

from rich.console import Console
from rich.table import Table

from .load_tally import Plan, Tally


def print_tally(console: Console, title: str, tally: Tally, plan: Plan, *, n_texts: int) -> None:
    """Print rate, percentiles, statuses and what went wrong."""
    console.print(f"\n{title}, {tally.seconds:.1f} s", style="bold", markup=False)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    offered = "" if plan.rate is None else f" of {plan.rate:,.0f} asked for"
    table.add_row("answers/s", f"{tally.rate:,.0f}{offered}")
    for percentile, seconds in tally.percentiles().items():
        table.add_row(_named(percentile), f"{seconds * 1000:,.2f} ms")
    for status in sorted(tally.latencies):
        table.add_row(f"{status} {responses.get(status, '')}".rstrip(), f"{tally.count(status):,}")
    table.add_row("without an answer", f"{tally.failures.total():,}")
    console.print(table)
    for reason, count in tally.failures.most_common():
        console.print(f"  {count:,} x {reason}", style="red", markup=False)
    for problem, count in tally.problems.most_common():
        console.print(f"  {count:,} of {tally.checked:,} answers looked at: {problem}", style="red", markup=False)
    if tally.unsent:
        console.print(
            f"  {tally.unsent:,} requests were due and found no free connection; their wait is in no percentile",
            style="yellow",
            markup=False,
        )
    if tally.sent > n_texts:
        console.print(f"  each text was sent about {tally.sent / n_texts:.1f} times", style="yellow", markup=False)


def tally_as_json(tally: Tally) -> dict[str, Any]:
    """Give the same as plain values; milliseconds."""
    return {
        "seconds": round(tally.seconds, 3),
        "sent": tally.sent,
        "unsent": tally.unsent,
        "answered": tally.answered,
        "answers_per_second": round(tally.rate, 1),
        "latency_ms": {_named(p): round(seconds * 1000, 3) for p, seconds in tally.percentiles().items()},
        "statuses": {str(status): tally.count(status) for status in sorted(tally.latencies)},
        "failures": dict(tally.failures),
        "checked": tally.checked,
        "problems": dict(tally.problems),
    }


def _named(percentile: float) -> str:
    return "max" if percentile == 100 else f"p{percentile:g}"  # noqa: PLR2004
