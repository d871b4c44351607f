"""The names that dashboards of older systems ask for, told beside ours."""

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Metric

# Ours, the old name, and labels that were called otherwise.
_OLD: Final = {
    "parley_requests": ("request_count", {"status": "http_status"}),
    "parley_request_seconds": ("request_latency_seconds", {}),
    "parley_app_info": ("app_info", {}),
}


class WithOldNames(CollectorRegistry):
    """A registry that tells some metrics of another twice."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._told = registry

    def collect(self) -> Iterator[Metric]:
        """Give all metrics, and what is known by an old name under that as well."""
        for metric in self._told.collect():
            yield metric
            if metric.name in _OLD:
                yield _renamed(metric, *_OLD[metric.name])


def _renamed(metric: Metric, name: str, labels: Mapping[str, str]) -> Metric:
    renamed = Metric(name, metric.documentation, metric.type)
    for sample in metric.samples:
        renamed_labels = {labels.get(label, label): value for label, value in sample.labels.items()}
        renamed.add_sample(name + sample.name.removeprefix(metric.name), renamed_labels, sample.value)
    return renamed
