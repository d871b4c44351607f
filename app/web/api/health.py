"""`GET /healthz` and `GET /readyz`: for whoever watches the process."""

from typing import Literal

import msgspec

from ...service.model_state import ModelState
from ..operation import Answer, Call, Operation, Services


class HealthReply(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyReply(msgspec.Struct, frozen=True):
    """Whether all models that are loaded at the start were loaded or have failed, and which of all have failed."""

    status: Literal["ready", "loading", "stopping"]
    failed: list[str]


def healthz(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes both
    """Say that the process answers."""
    return Answer(HealthReply())


def readyz(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes a call
    """Say whether requests can be answered."""
    failed = [status.name for status in services.models.statuses() if status.state is ModelState.FAILED]
    if services.stopping.is_set():
        return Answer(ReadyReply("stopping", failed), status=503)
    if services.models.is_ready:
        return Answer(ReadyReply("ready", failed))
    return Answer(ReadyReply("loading", failed), status=503)


OPERATIONS = (
    Operation(
        name="healthz",
        method="GET",
        path="/healthz",
        scope=None,
        tag="operations",
        summary="Does the process answer?",
        description="Always 200 while it does.",
        replies={200: (HealthReply,)},
        handle=healthz,
        is_limited=False,
        brief=True,
        urgent=True,
    ),
    Operation(
        name="readyz",
        method="GET",
        path="/readyz",
        scope=None,
        tag="operations",
        summary="Can requests be answered?",
        description="200 once every model that is loaded at the start was loaded or has failed; of all models, the "
        "failed are listed. 503 before that, and when the server is about to stop.",
        replies={200: (ReadyReply,), 503: (ReadyReply,)},
        handle=readyz,
        is_limited=False,
        brief=True,
        urgent=True,
    ),
)
