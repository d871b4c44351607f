"""The names that dashboards of older systems ask for, told beside ours."""

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Metric

_OURS: Final = "5"
# By our name the old ones, and labels that were called otherwise.
_OLD: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "parley_requests": {
        "request_count": {"status": "http_status"},
        "flask_http_request": {},
        "flask_http_request_exceptions": {},
    },
    "parley_request_seconds": {"request_latency_seconds": {}, "flask_http_request_duration_seconds": {}},
    "parley_app_info": {"app_info": {}},
}
_OF_FAULTS_ALONE: Final = "flask_http_request_exceptions"


class WithOldNames(CollectorRegistry):
    """A registry that tells some metrics of another twice."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self._told = registry

    def collect(self) -> Iterator[Metric]:
        """Give all metrics, and what is known by an old name under that as well."""
        for metric in self._told.collect():
            yield metric
            for name, labels in _OLD.get(metric.name, {}).items():
                yield _renamed(metric, name, labels)


def _renamed(metric: Metric, name: str, labels: Mapping[str, str]) -> Metric:
    renamed = Metric(name, metric.documentation, metric.type)
    for sample in metric.samples:
        if name == _OF_FAULTS_ALONE and not sample.labels["status"].startswith(_OURS):
            continue
        renamed_labels = {labels.get(label, label): value for label, value in sample.labels.items()}
        renamed.add_sample(name + sample.name.removeprefix(metric.name), renamed_labels, sample.value)
    return renamed
