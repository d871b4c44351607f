"""
How long it takes to read a data file, and how much memory: `python -m benchmarks.readers FILE`, or without one a file
of 100,000 examples in each format.

Seconds are of the processor; memory is the most that the process held, Python itself included.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from app.data.reader import read_dataset
from app.data.writer import WRITTEN, written
from app.domain.example import Dataset, Example

MANY: Final = 100_000


def measure(path: Path) -> None:
    """Read one file and print what it took."""
    began = time.process_time()
    dataset = read_dataset(path)
    seconds = time.process_time() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{path.name} {len(dataset.examples)} examples {seconds:.2f} s {megabytes} MB")


def write_all(folder: Path) -> list[Path]:
    """Write the same examples in each format."""
    examples = [Example(f"please bring item {n} to shelf {n % 97}", f"intent {n % 150}") for n in range(MANY)]
    paths = [folder / data_format for data_format in WRITTEN]
    for path in paths:
        path.write_bytes(written(Dataset(tuple(examples)), path.name))
    return paths


def main() -> None:
    """Measure a file here, or each format in a process of its own."""
    parser = argparse.ArgumentParser(description="Measure how data files are read.")
    parser.add_argument("file", nargs="?", type=Path)
    file = parser.parse_args().file
    if file is not None:
        measure(file)
        return
    with tempfile.TemporaryDirectory() as folder:
        for path in write_all(Path(folder)):
            subprocess.run([sys.executable, "-m", "benchmarks.readers", path], check=True)


if __name__ == "__main__":
    main()
