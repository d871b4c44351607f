"""
One trial in a process of its own, so that no contender pays for what another left in memory.

It reads a `Task` as JSON from standard input; the last line that it prints is the `Record`.
"""

import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from .contract import Contender, Trained
from .field import contender_named
from .machine import description
from .sets import Split, fold_of, rows_digest, test_rows, training_rows
from .trials import Outcome, Record, Trial

_WARM_UP: Final = 100
_TIMED: Final = 1000


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A trial, the folder of the data, and how many trials run at once."""

    trial: Trial
    data: str
    jobs: int


def main() -> None:
    """Read the task, do it, print the record."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    trial, data = task.trial, Path(task.data)
    # the sources are looked at in this process: somebody may have changed them since the first trial
    contender = contender_named(trial.contender)
    record = Record(
        trial=trial,
        outcome=measured(trial, contender, data),
        config=contender.digest,
        code=contender.code,
        data=rows_digest(data, trial.set_name, trial.fold is None),
        jobs=task.jobs,
        machine=description(),
        date=datetime.now(UTC).date().isoformat(),
    )
    print(f"\n{msgspec.json.encode(record).decode()}")


def measured(trial: Trial, contender: Contender, data: Path) -> Outcome:
    """Train and measure."""
    split = _split(trial, data)
    train = contender.load()
    started = time.perf_counter()
    trained = train(split.training, trial.seed)
    seconds = time.perf_counter() - started
    peak_bytes = _peak_bytes()
    texts = [row.text for row in split.measured]
    found = trained.intents(texts)
    right = sum(intent == row.intent for intent, row in zip(found, split.measured, strict=True))
    # one fold is enough for sizes and times, and exporting a network takes seconds
    serving = trial.fold in (None, 0)
    return Outcome(
        accuracy=right / len(texts),
        n_training=len(split.training),
        n_measured=len(texts),
        n_unknown=found.count(None),
        seconds=seconds,
        peak_bytes=peak_bytes,
        served_bytes=trained.served_bytes() if serving else None,
        p50_us=_p50_us(trained, [row.text for row in split.training], texts) if serving else None,
        note=trained.note,
    )


def _split(trial: Trial, data: Path) -> Split:
    rows = training_rows(data, trial.set_name)
    if trial.fold is None or trial.folds is None:
        return Split(rows, test_rows(data, trial.set_name))
    return fold_of(rows, trial.seed, trial.folds, trial.fold)


def _p50_us(trained: Trained, known: Sequence[str], texts: Sequence[str]) -> float:
    """Time distinct texts, one at a time; texts of the training go before them, to warm up."""
    for text in known[:_WARM_UP]:
        trained.answer(text)
    spent = []
    for text in list(dict.fromkeys(texts))[:_TIMED]:
        started = time.perf_counter()
        trained.answer(text)
        spent.append(time.perf_counter() - started)
    return median(spent) * 1e6


def _peak_bytes() -> int:
    """Give the peak of this process: `ru_maxrss` also counts what the parent held when it started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
