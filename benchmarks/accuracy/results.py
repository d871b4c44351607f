"""The file of results: one line per trial, so that an interrupted run goes on where it stopped."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from .trials import Record, Trial


class Results:
    """The records of a file, the newest of each trial and configuration."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._newest: dict[Trial, Record] = {}
        self._records: dict[tuple[Trial, str], Record] = {}
        if path.exists():
            for line in path.read_bytes().splitlines():
                record = _decoded(line)
                if record is not None:
                    self._remember(record)

    def get(self, trial: Trial, config: str) -> Record | None:
        """Give the newest record of a trial with the configuration of that digest."""
        return self._records.get((trial, config))

    def of(self, trials: Iterable[Trial], configs: Mapping[str, str]) -> list[Record]:
        """
        Give the records of those trials that have one.

        Args:
            trials: to look for.
            configs: by contender, the digest of its configuration; where there is no record with it, another's is
                given.
        """
        found = [self.get(trial, configs[trial.contender]) or self._newest.get(trial) for trial in trials]
        return [record for record in found if record is not None]

    def add(self, record: Record) -> None:
        """Keep a record; what an interrupted write left before it stays a line of its own."""
        self._remember(record)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            if file.tell() and not _ends_a_line(self._path):
                file.write(b"\n")
            file.write(msgspec.json.encode(record) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _remember(self, record: Record) -> None:
        self._newest[record.trial] = record
        self._records[record.trial, record.config] = record


def _decoded(line: bytes) -> Record | None:
    try:
        return msgspec.json.decode(line, type=Record)
    except msgspec.DecodeError:
        return None  # cut short; its trial is made again


def _ends_a_line(path: Path) -> bool:
    return path.read_bytes().endswith(b"\n")
