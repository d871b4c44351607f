"""Run trials, each in a process of its own, and keep what they come to."""

import functools
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

import msgspec

from .child import Task
from .contract import Contender
from .results import Results
from .sets import rows_digest
from .trials import Record, Trial

_ROOT: Final = Path(__file__).resolve().parents[2]
_TOLD: Final = 2000


class Runner:
    """Knows which trials are still to be made, and makes them."""

    def __init__(self, data: Path, contenders: Sequence[Contender], results: Results, jobs: int) -> None:
        self._data, self._results, self._jobs = data.resolve(), results, jobs
        self._contenders = {contender.name: contender for contender in contenders}
        self._digest = functools.cache(functools.partial(rows_digest, self._data))

    def missing(self, trials: Sequence[Trial], *, fresh: bool) -> list[Trial]:
        """Give the trials without a result of today's configuration; with `fresh`, of today's code."""
        return [trial for trial in trials if not self._known(trial) or (fresh and self._stale(trial))]

    def stale(self, trials: Sequence[Trial]) -> list[Trial]:
        """Give the trials whose result was made with other code than today's."""
        return [trial for trial in trials if self._known(trial) and self._stale(trial)]

    def run(self, trials: Sequence[Trial], tell: Callable[[str], None]) -> int:
        """Make trials and keep their records; `tell` takes a line for each. Give the number that failed."""
        failed = 0
        for number, (trial, record) in enumerate(self._records(trials), start=1):
            place = f"[{number}/{len(trials)}] {trial}"
            if isinstance(record, str):
                failed += 1
                tell(f"{place}  FAILED\n{record}")
                continue
            self._results.add(record)
            outcome = record.outcome
            note = f"  ({outcome.note})" if outcome.note else ""
            tell(f"{place}  {100 * outcome.accuracy:.2f} %  {outcome.seconds:.1f} s{note}")
        return failed

    def _records(self, trials: Sequence[Trial]) -> Iterator[tuple[Trial, Record | str]]:
        with ThreadPoolExecutor(self._jobs) as pool:
            tasks = [Task(trial=trial, data=str(self._data), jobs=self._jobs) for trial in trials]
            futures = {pool.submit(_in_a_child, task): task.trial for task in tasks}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _known(self, trial: Trial) -> bool:
        record = self._record(trial)
        # read first, so that data that are not there are found before anything is trained
        data = self._digest(trial.set_name, trial.fold is None)
        return record is not None and record.data == data

    def _stale(self, trial: Trial) -> bool:
        record = self._record(trial)
        return record is not None and record.code != self._contenders[trial.contender].code

    def _record(self, trial: Trial) -> Record | None:
        return self._results.get(trial, self._contenders[trial.contender].digest)


def _in_a_child(task: Task) -> Record | str:
    """Give the record, or the end of what the child said of its failure."""
    command = [sys.executable, "-m", f"{__package__}.child"]
    done = subprocess.run(command, input=msgspec.json.encode(task), capture_output=True, cwd=_ROOT, check=False)
    try:
        return msgspec.json.decode(done.stdout.rstrip().rsplit(b"\n", 1)[-1], type=Record)
    except msgspec.DecodeError:
        return f"exit status {done.returncode}\n{done.stderr.decode(errors='replace')[-_TOLD:]}"
