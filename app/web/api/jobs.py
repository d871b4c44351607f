"""
`/jobs`: what is trained or answered, how far it has come, and what became of it.

Trainings are seen by all who may train the model. A batch is of who sent it: others, but for administrators, are told
that there is no such job, for its lines and answers are what people typed.
"""

from ...domain.caller import Scope
from ...domain.errors import AuthenticationError, InvalidRequestError
from ...domain.job import Job, JobKind, JobState
from ...domain.job_errors import JobEndedError, JobNotFoundError
from ...domain.storage_errors import StorageUnavailableError
from ..operation import Answer, Call, Operation, Services, Stream
from ..query_values import number_in
from .job_events import EVENT_STREAM, JobEvents
from .job_reply import JobReply, JobsReply, LineItem, LogReply, job_item

_ID = {"id": "The job's id."}
_MANY = 1_000


def list_jobs(services: Services, call: Call) -> Answer:
    """Give the newest jobs."""
    limit = number_in(call.query, "limit", 50, _MANY)
    state = call.query.get("state")
    if state is not None and state not in list(JobState):
        raise InvalidRequestError(f"state: expected {', '.join(JobState)}", field="state")
    jobs = services.jobs.page(
        model=call.query.get("model"),
        state=JobState(state) if state else None,
        limit=limit,
        before=call.query.get("before"),
        models=call.models,
        kind=_kind(call),
        batches_of=None if _is_told_all(call) else call.caller_name,
    )
    return Answer(JobsReply([job_item(job) for job in jobs]))


def get_job(services: Services, call: Call) -> Answer:
    """Give one job as it stands."""
    return Answer(JobReply(job_item(told_job(services, call))))


def get_log(services: Services, call: Call) -> Answer:
    """Give lines of a job's log."""
    after = number_in(call.query, "after", 0, 10**9, least=0)
    limit = number_in(call.query, "limit", 500, _MANY)
    lines = services.jobs.lines(str(told_job(services, call).id), after, limit)
    return Answer(LogReply([LineItem(line.number, line.time, line.line) for line in lines]))


def follow(services: Services, call: Call) -> Answer:
    """Tell what happens to a job, until it has ended."""
    last = call.header("last-event-id") or ""
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else 0  # noqa: PLR2004 - a line number
    events = JobEvents(services.jobs, str(told_job(services, call).id), after)
    return Answer(Stream(EVENT_STREAM, events.next))


def cancel(services: Services, call: Call) -> Answer:
    """End a job."""
    if call.caller is None:
        raise AuthenticationError
    job = services.jobs.cancel(str(told_job(services, call).id), call.caller.name)
    return Answer(JobReply(job_item(job)), status=202)


def told_job(services: Services, call: Call) -> Job:
    """
    Give a job; to who may not use its model, or did not send the batch, there is none.

    Raises:
        JobNotFoundError: there is none of that id.
        MissingScopeError: it is a training, and the caller may not train.
    """
    job = services.jobs.get(call.parameters["id"])
    if not call.may_use(job.order.model):
        raise JobNotFoundError(call.parameters["id"])
    if job.order.kind is JobKind.TRAIN:
        _require_training(call)
    elif not (_is_told_all(call) or job.caller == call.caller_name):
        raise JobNotFoundError(call.parameters["id"])
    return job


def _kind(call: Call) -> JobKind | None:
    """Give the kind that is asked for; who may not train can ask for batches alone."""
    kind = call.query.get("kind")
    if kind is not None and kind not in list(JobKind):
        raise InvalidRequestError(f"kind: expected {' or '.join(JobKind)}", field="kind")
    if kind == JobKind.TRAIN:
        _require_training(call)
    if kind is None and call.caller is not None and not call.caller.scopes & {Scope.TRAIN, Scope.ADMIN}:
        return JobKind.PREDICT
    return JobKind(kind) if kind else None


def _require_training(call: Call) -> None:
    if call.caller is not None:
        call.caller.require(Scope.TRAIN)


def _is_told_all(call: Call) -> bool:
    return call.caller is None or Scope.ADMIN in call.caller.scopes


OPERATIONS = (
    Operation(
        name="list_jobs",
        method="GET",
        path="/jobs",
        scope=Scope.TRAIN,
        or_scope=Scope.PREDICT,
        tag="train",
        summary="Jobs, newest first",
        description="Those that wait, those that run, and those that have ended. Of batches, the caller's own.",
        query={
            "kind": "`train` or `predict`: only those.",
            "model": "Only those of this model.",
            "state": "Only those that are `queued`, `running`, `succeeded`, `failed`, `cancelled` or `refused`.",
            "limit": "At the most so many, 50 unless told.",
            "before": "The id of the last job of the page before.",
        },
        replies={200: (JobsReply,)},
        handle=list_jobs,
        errors=(InvalidRequestError, StorageUnavailableError),
    ),
    Operation(
        name="get_job",
        method="GET",
        path="/jobs/{id}",
        scope=Scope.TRAIN,
        or_scope=Scope.PREDICT,
        tag="train",
        summary="One job",
        description="How far it has come, and what it came to.",
        parameters=_ID,
        replies={200: (JobReply,)},
        handle=get_job,
        errors=(JobNotFoundError, StorageUnavailableError),
    ),
    Operation(
        name="get_job_log",
        method="GET",
        path="/jobs/{id}/log",
        scope=Scope.TRAIN,
        or_scope=Scope.PREDICT,
        tag="train",
        summary="The log of a job",
        description="Line by line, oldest first.",
        parameters=_ID,
        query={"after": "The number of the last line that is known.", "limit": "At the most so many, 500 unless told."},
        replies={200: (LogReply,)},
        handle=get_log,
        errors=(InvalidRequestError, JobNotFoundError, StorageUnavailableError),
    ),
    Operation(
        name="follow_job",
        method="GET",
        path="/jobs/{id}/events",
        scope=Scope.TRAIN,
        or_scope=Scope.PREDICT,
        tag="train",
        summary="A job as it happens",
        description="Server-sent events: `progress` with the job whenever something about it has changed, `log` with "
        "each new line of its log, `end` with the job when it has ended. `Last-Event-ID` goes on after a line.",
        parameters=_ID,
        replies={200: (str,)},
        handle=follow,
        errors=(JobNotFoundError, StorageUnavailableError),
        gives=(EVENT_STREAM,),
        streams=True,
    ),
    Operation(
        name="cancel_job",
        method="DELETE",
        path="/jobs/{id}",
        scope=Scope.TRAIN,
        or_scope=Scope.PREDICT,
        tag="train",
        summary="Cancel a job",
        description="One that waits ends at once, one that runs within seconds; what answers is not touched. Of a "
        "batch that has ended, the answers are deleted.",
        parameters=_ID,
        replies={202: (JobReply,)},
        handle=cancel,
        errors=(JobNotFoundError, JobEndedError, StorageUnavailableError),
    ),
)
