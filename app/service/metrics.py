"""
What Prometheus is told about traffic.

Requests come in batches, off the request path. Workers of a server that share a folder count in files there, and any of
them tells the sum; prometheus_client takes the folder from `PROMETHEUS_MULTIPROC_DIR`, when it is imported. What is
named after models and intents is bounded: label sets beyond the first few thousand are told together, as `other`.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ..domain.logged_request import LoggedRequest
from .live_figures import LiveFigures
from .old_metric_names import WithOldNames
from .request_queue import RequestCounts
from .restarts_file import read_restarts
from .version_counts import VersionCounts

_MOST_LABEL_SETS: Final = 5_000
_OTHER: Final = "other"
_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_CONFIDENCES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

GAUGES: Final = {
    "connections": "Connections that are open.",
    "in_flight": "Requests that have come in and are not answered.",
    "models_known": "Models of the registry, over all workers.",
    "models_in_memory": "Versions in memory, over all workers.",
    "models_bytes": "What these hold, about.",
    "queue_waiting": "Predictions of the queue that nobody has begun.",
}
"""What is told of a worker's present state, by name."""
OF_ALL: Final = frozenset({"queue_waiting"})
"""Of these, what is the same whoever tells it: the highest is told, not the sum."""
COUNTS: Final = {
    "model_loads": "Versions that were loaded.",
    "model_load_failures": "Versions that could not be loaded.",
    "model_load_seconds": "What it took to load them, verification included.",
    "model_unloads": "Versions that made room for others.",
    "cache_hits": "Texts that were answered from memory.",
    "cache_misses": "Texts that were not.",
    "queue_predictions": "Predictions that were put into the queue.",
    "queue_answered": "Those that were answered, be it by an error.",
    "queue_failed": "Those that were answered by an error.",
}
"""What a worker has counted by itself since it began, by name."""

Labels: TypeAlias = tuple[str, ...]

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second line for each, which Prometheus does not read


class Metrics:
    """Counts requests; one for a process."""

    def __init__(
        self, version: str, *, shared_folder: Path | None = None, most_label_sets: int = _MOST_LABEL_SETS
    ) -> None:
        """Begin at nothing; `version` is the label of `parley_app_info`."""
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "parley_requests", "Requests answered.", ["method", "endpoint", "status"], registry=registry
        )
        self._seconds = Histogram(
            "parley_request_seconds", "Until a reply was made.", ["endpoint"], buckets=_SECONDS, registry=registry
        )
        self._predictions = Counter(
            "parley_predictions", "Answers that name an intent.", ["model", "version", "intent"], registry=registry
        )
        self._fallbacks = Counter(
            "parley_fallbacks", "Answers that name none, by reason.", ["model", "version", "reason"], registry=registry
        )
        self._confidence = Histogram(
            "parley_confidence", "Of first places.", ["model", "version"], buckets=_CONFIDENCES, registry=registry
        )
        self._versions = VersionCounts(registry)
        self._logged = Counter(
            "parley_request_log", "What became of requests to be logged.", ["outcome"], registry=registry
        )
        self._queued = Gauge(
            "parley_request_log_queued", "Requests not yet logged.", registry=registry, multiprocess_mode="livesum"
        )
        self._gauges = {
            name: Gauge(
                f"parley_{name}",
                told,
                registry=registry,
                multiprocess_mode="livemax" if name in OF_ALL else "livesum",
            )
            for name, told in GAUGES.items()
        }
        self._counts = {name: Counter(f"parley_{name}", told, registry=registry) for name, told in COUNTS.items()}
        self._counted = dict.fromkeys(COUNTS, 0.0)
        info = Gauge("parley_app_info", "Always 1.", ["version"], registry=registry, multiprocess_mode="max")
        info.labels(version).set(1)
        self._shared_folder, self._most_label_sets = shared_folder, most_label_sets
        self._label_sets: set[tuple[str, Labels]] = set()
        self._logged_so_far: Tally[str] = Tally()

    def count(self, requests: Sequence[LoggedRequest]) -> None:
        """Count a batch."""
        answered: Tally[Labels] = Tally()
        named: Tally[Labels] = Tally()
        fallbacks: Tally[Labels] = Tally()
        for request in requests:
            answered[request.method, request.endpoint, str(request.status)] += 1
            self._seconds.labels(request.endpoint).observe(request.seconds)
            if request.model is None:
                continue
            model = (request.model, str(request.version))
            confidence = self._confidence.labels(*self._bounded("confidence", model))
            for one in request.inputs:
                if one.intent is not None:
                    named[*model, one.intent] += 1
                elif one.fallback is not None:
                    fallbacks[*model, one.fallback] += 1
                if one.confidence is not None:
                    confidence.observe(one.confidence)
        _add(self._requests, answered)
        _add(self._predictions, self._all_bounded("predictions", named))
        _add(self._fallbacks, self._all_bounded("fallbacks", fallbacks))
        self._versions.count(requests)

    def count_log(self, counts: RequestCounts) -> None:
        """Take over what the request log says of itself."""
        now = Tally({"written": counts.written, **{f"dropped_{reason}": n for reason, n in counts.dropped.items()}})
        _add(self._logged, {(outcome,): n for outcome, n in (now - self._logged_so_far).items()})
        self._logged_so_far = now
        self._queued.set(counts.queued)

    def tell(self, figures: Mapping[str, float]) -> None:
        """Take over what a worker says of itself, by names of `GAUGES` and `COUNTS`."""
        for name, value in figures.items():
            if name in self._gauges:
                self._gauges[name].set(value)
            else:
                self._counts[name].inc(max(0, value - self._counted[name]))
                self._counted[name] = value

    def exposition(self) -> bytes:
        """Write everything counted, by all workers where they share a folder, in the text format of Prometheus."""
        registry = self._registry
        if self._shared_folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._shared_folder))  # type: ignore[no-untyped-call]
            registry.register(_Restarts(self._shared_folder))
        return generate_latest(WithOldNames(registry))

    def figures(self, model: str) -> dict[int, LiveFigures]:
        """
        Give what the versions of a model have answered, in all workers where they share a folder.

        Raises:
            OSError: the folder cannot be read.
        """
        return self._versions.figures(model, self._shared_folder)

    def _all_bounded(self, metric: str, tally: Mapping[Labels, int]) -> Mapping[Labels, int]:
        bounded: Tally[Labels] = Tally()
        for labels, n in tally.items():
            bounded[self._bounded(metric, labels)] += n
        return bounded

    def _bounded(self, metric: str, labels: Labels) -> Labels:
        if (metric, labels) not in self._label_sets:
            if len(self._label_sets) >= self._most_label_sets:
                return (_OTHER,) * len(labels)
            self._label_sets.add((metric, labels))
        return labels


class _Restarts(Collector):
    """Workers that the supervisor replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Give them by reason."""
        told = CounterMetricFamily("parley_worker_restarts", "Workers that were replaced.", labels=["reason"])
        for reason, n in read_restarts(self._folder).items():
            told.add_metric([reason.replace(" ", "_")], n)
        yield told


def _add(counter: Counter, tally: Mapping[Labels, int]) -> None:
    for labels, n in tally.items():
        counter.labels(*labels).inc(n)
