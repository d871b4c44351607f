"""
A registry of many models in one worker: how soon it is ready, what a first request costs, and what all of it holds.

    python -m benchmarks.many_models [--models 1000] [--budgets 1024,256] [--reloads 50]

One small `bow` model is trained on the bundled small talk and published under as many names. For each budget a server
is started, every model is asked once, in no order, over one connection, from the moment the server is ready, while it
verifies behind; then all are asked once more. At the end one model is reloaded again and again. Server and client share
the machine, and both need a core that nobody else uses.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.registry.model_registry import ModelRegistry

from .copies import fill
from .measure import Figures, measure


def main() -> None:
    """Make the registry, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--budgets", default="1024,256", help="in MB, one server for each")
    parser.add_argument("--reloads", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        registry = ModelRegistry(Path(folder) / "models")
        names = fill(registry, arguments.models)
        budgets = [int(budget) for budget in arguments.budgets.split(",")]
        show({budget: measure(registry, names, budget, arguments.reloads) for budget in budgets})


def show(measured: Mapping[int, Figures]) -> None:
    """Print a column for each budget."""
    table = Table(title="one worker")
    table.add_column("")
    for budget_mb in measured:
        table.add_column(f"budget {budget_mb} MB", justify="right")
    for name, unit in Figures.ROWS.items():
        table.add_row(f"{name}, {unit}", *(f"{figures.values[name]:.1f}" for figures in measured.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
