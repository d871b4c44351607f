"""
Measure Parley's server and others through a socket, all with one model, distinct texts and one core.

    python -m benchmarks.peers [--rounds 5] [--seconds 3] [--only parley,tornado] [--json FILE]

Parley asks who calls and keeps its log, as it is shipped; the others do neither. They take turns in rounds, and the
medians of the rounds, and of their ratios, are told. Peers are installed below var/peers, once.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from app.cli.load_texts import distinct
from app.data.reader import read_dataset
from app.domain.example import inputs_of

from ..accuracy.machine import description
from .contenders import CONTENDERS, ROOT, Contender
from .measure import Rounds, measure
from .promises import promises
from .quiet import busy, warning
from .servers.published import MODEL
from .table import as_json, print_tables

_CORES = 2
_TEXTS = 30_000


class Names(click.ParamType[list[Contender]]):
    """Names of contenders with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[Contender]:  # noqa: ANN401
        """Find them, in the order of the table."""
        names = {name.strip() for name in str(value).split(",")}
        known = {contender.name: contender for contender in CONTENDERS}
        if unknown := names - known.keys():
            self.fail(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}", param, ctx)
        return [contender for contender in CONTENDERS if contender.name in names]


@click.command(help=__doc__.split("\n\n")[0].strip() if __doc__ else None)
@click.option("--rounds", "n_rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=3, show_default=True, help="of each round")
@click.option("--only", type=Names(), default=",".join(contender.name for contender in CONTENDERS))
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="write all figures to it")
def main(n_rounds: int, seconds: float, only: list[Contender], json_file: Path | None) -> None:
    """Train what is missing, measure, print."""
    console = Console(stderr=True, highlight=False)
    if reason := _impossible():
        console.print(f"skipped: {reason}", markup=False)
        return
    peers = ROOT / "var" / "peers"
    flights = read_dataset(ROOT / "training_data" / MODEL / "train.tsv").examples
    rounds = Rounds(n_rounds, seconds, distinct([str(text) for text in inputs_of(flights)], _TEXTS))
    families = dict.fromkeys(contender.family for contender in only if not contender.absent)
    models = {family: published(peers / "models", family) for family in families}
    before = busy(range(_CORES))
    results = measure(only, models, peers, rounds, lambda line: console.print(line, style="dim", markup=False))
    after = busy(range(_CORES))
    kept = promises(results)
    print_tables(Console(highlight=False, width=None if sys.stdout.isatty() else 140), results, kept)
    if not_quiet := warning(before, after):
        console.print(f"\n{not_quiet}", style="red", markup=False)
    if json_file:
        content = as_json(results, kept, description()) | {"others_took": [round(before, 2), round(after, 2)]}
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def published(folder: Path, family: str) -> Path:
    """
    Train and publish the bundled model of flights with a family, unless that was done; give the registry.

    It finds no entities: none of the others does.
    """
    models_dir = folder / family
    # in a process of its own: TensorFlow has no place in the one that measures
    chosen = ["--family", family, "--set", "entities={}", "--models-dir", str(models_dir)]
    subprocess.run(
        [sys.executable, str(ROOT / "train.py"), MODEL, *chosen], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return models_dir


def _impossible() -> str | None:
    if platform.system() != "Linux" or shutil.which("taskset") is None:
        return "cores can be given to processes on Linux only, by taskset"
    if len(os.sched_getaffinity(0)) < _CORES:
        return "a server and its client need a core each"
    return None


if __name__ == "__main__":
    main()
