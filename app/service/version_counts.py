"""
What each version has answered, over all its intents, as it is told to Prometheus and read back.

It has a bound of its own: there may be so many intents that late versions are told among `other`, and what is judged by
its figures must have all of them or none.
"""

import json
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.mmap_dict import MmapedDict

from ..domain.logged_request import LoggedRequest
from .live_figures import LiveFigures

_PREFIX: Final = "parley_version_"
_TOLD: Final = {
    "texts": "Texts that a version answered.",
    "fallbacks": "Texts for which it named no intent.",
    "seconds": "Until replies to requests that held them were made.",
}
_LABELS: Final = ("model", "version")
_MOST_VERSIONS: Final = 5_000
_OTHER: Final = ("other", "other")

_Sample: TypeAlias = tuple[str, Mapping[str, str], float]


class VersionCounts:
    """Counts by version; one for a process."""

    def __init__(self, registry: CollectorRegistry, *, most_versions: int = _MOST_VERSIONS) -> None:
        """Be told with what else `registry` tells; versions beyond the first `most_versions` are told together."""
        self._counters = {
            name: Counter(_PREFIX + name, told, _LABELS, registry=registry) for name, told in _TOLD.items()
        }
        self._most_versions = most_versions
        self._versions: set[tuple[str, str]] = set()

    def count(self, requests: Sequence[LoggedRequest]) -> None:
        """Count a batch."""
        texts: Tally[tuple[str, str]] = Tally()
        fallbacks: Tally[tuple[str, str]] = Tally()
        seconds: dict[tuple[str, str], float] = {}
        for request in requests:
            if request.model is None or not request.inputs:
                continue
            version = self._bounded((request.model, str(request.version)))
            texts[version] += len(request.inputs)
            fallbacks[version] += sum(one.intent is None for one in request.inputs)
            seconds[version] = seconds.get(version, 0.0) + request.seconds
        for name, tally in (("texts", texts), ("fallbacks", fallbacks), ("seconds", seconds)):
            for version, n in tally.items():
                self._counters[name].labels(*version).inc(n)

    def figures(self, model: str, shared_folder: Path | None) -> dict[int, LiveFigures]:
        """
        Give what the versions of a model have answered: in all processes that count in a folder, or in this one.

        Raises:
            OSError: the folder cannot be read.
        """
        sums: dict[int, Tally[str]] = {}
        for name, labels, value in self._own() if shared_folder is None else _of_all(shared_folder):
            if labels["model"] == model and labels["version"].isdecimal():
                sums.setdefault(int(labels["version"]), Tally())[name] += value  # type: ignore[assignment]  # seconds too
        return {
            version: LiveFigures(int(found["texts"]), int(found["fallbacks"]), float(found["seconds"]))
            for version, found in sums.items()
        }

    def _own(self) -> Iterator[_Sample]:
        for name, counter in self._counters.items():
            for metric in counter.collect():
                for sample in metric.samples:
                    yield name, sample.labels, sample.value

    def _bounded(self, version: tuple[str, str]) -> tuple[str, str]:
        if version not in self._versions:
            if len(self._versions) >= self._most_versions:
                return _OTHER
            self._versions.add(version)
        return version


def _of_all(folder: Path) -> Iterator[_Sample]:
    """Read only what is wanted: a folder may hold thousands of other counts, and to take them apart takes long."""
    for file in folder.glob("counter_*.db"):
        for key, value, _, _ in MmapedDict.read_all_values_from_file(file):  # type: ignore[no-untyped-call]
            if key.startswith(f'["{_PREFIX}'):
                metric, _, labels, _ = json.loads(key)
                yield metric.removeprefix(_PREFIX), labels, value
