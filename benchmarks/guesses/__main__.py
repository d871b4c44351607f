"""
Somebody guesses passwords: whether the time of a refusal tells which accounts there are, and what others notice.

    python -m benchmarks.guesses [--tries 2000] [--guesses 10000] [--seconds 60]

A server of one worker is started on loopback. First single tries by HTTP Basic, each from an address of its own, are
timed one after the other, in no order, as many for each kind of account: unknown, a wrong password, locked, disabled.
No test of the times should tell the kinds apart. Then one address sends guesses at an even rate, whether or not they
are answered, beside callers who send texts. The exit code is 1 where kinds were told apart, or where a caller was not
answered.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.registry.model_registry import ModelRegistry

from ..many_models.copies import fill
from ..many_models.server import serving
from .accounts import Kind, make_accounts
from .comparison import Told, compare, quartiles_ms
from .crowd import Crowd, guess_beside
from .tries import Tried, try_all

_BUDGET_MB = 512
_KINDS_AT_ONCE = len(Kind)


def main() -> None:
    """Try, guess, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=2_000, help="of all kinds of accounts together")
    parser.add_argument("--guesses", type=int, default=10_000, help="from one address; 0: none")
    parser.add_argument("--seconds", type=float, default=60.0, help="in which they are sent")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        [model] = fill(ModelRegistry(models), 1)
        with serving(models, model, _BUDGET_MB) as server:
            server.ask("/models")  # the database is made where it is first looked at
            n_each = arguments.tries // _KINDS_AT_ONCE
            tried = try_all(server.port, make_accounts(server.var, n_each), n_each)
        crowd = None
        if arguments.guesses:  # at a server that knows nothing of the tries
            with serving(models, model, _BUDGET_MB) as server:
                crowd = guess_beside(server, arguments.guesses, arguments.seconds)
    told = compare({kind: of.seconds for kind, of in tried.items()})
    show_tries(tried)
    show_comparison(told)
    if crowd is not None:
        show_crowd(crowd)
    is_well = not any(pair.is_told for pair in told) and (crowd is None or crowd.all_answered)
    sys.exit(0 if is_well and len({answer for of in tried.values() for answer in of.answers}) == 1 else 1)


def show_tries(tried: dict[Kind, Tried]) -> None:
    """Print a row for each kind of account."""
    answers = {answer for of in tried.values() for answer in of.answers}
    table = Table("account", "tries", "q1 ms", "median ms", "q3 ms", title=f"{len(answers)} answer(s) for all of them")
    for kind, of in tried.items():
        table.add_row(kind, str(len(of.seconds)), *(f"{quartile:.2f}" for quartile in quartiles_ms(of.seconds)))
    Console(highlight=False).print(table)


def show_comparison(told: list[Told]) -> None:
    """Print a row for each pair of kinds."""
    headings = (
        "two kinds",
        "p (Mann-Whitney)",
        "best threshold is right",
        "by chance, 95 of 100",
        "would be told from",
    )
    table = Table(*headings, title=f"p below {told[0].level:.4f} would tell them apart")
    for pair in told:
        share, chance = f"{pair.best_share:.1%}", f"up to {pair.by_chance:.1%}"
        table.add_row(f"{pair.one}, {pair.other}", f"{pair.p:.3f}", share, chance, f"{pair.least_ms:.2f} ms on")
    Console(highlight=False).print(table)


def show_crowd(crowd: Crowd) -> None:
    """Print what became of the guesses, and of those who did not guess."""
    statuses = ", ".join(f"{n} x {status}" for status, n in sorted(crowd.guesses.items()))
    title = f"{sum(crowd.guesses.values())} guesses in {crowd.seconds:.0f} s: {statuses}; {crowd.looked_at} looked at"
    table = Table("callers elsewhere", "texts/s", "answered", "not", "p50 ms", "p99 ms", title=title)
    for when, found in (("before", crowd.before), ("beside", crowd.beside)):
        answered, latency = found["statuses"].get("200", 0), found["latency_ms"]
        rate = f"{found['answers_per_second']:.0f}"
        others = [f"{n} x {status}" for status, n in found["statuses"].items() if status != "200"]
        missed = ", ".join([*others, *map(str, found["failures"])]) or "0"
        table.add_row(when, rate, str(answered), missed, f"{latency['p50']:.2f}", f"{latency['p99']:.2f}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
