"""`GET /metrics`: what Prometheus reads."""

from ..operation import Answer, Call, Operation, PlainText, Services

_CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"


def metrics(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes a call
    """Tell what all workers of this server have counted."""
    return Answer(PlainText(services.observation.exposition(), _CONTENT_TYPE))


OPERATIONS = (
    Operation(
        name="metrics",
        method="GET",
        path="/metrics",
        scope=None,
        tag="operations",
        summary="What was counted",
        description="Requests, answers, fallbacks, confidences and the request log, in the text format of Prometheus, "
        "over all workers of this server.",
        replies={200: (str,)},
        handle=metrics,
        is_limited=False,
    ),
)
