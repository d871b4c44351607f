"""`/jobs`: what is trained, how far it has come, and what became of it."""

from ...domain.caller import Scope
from ...domain.errors import AuthenticationError, InvalidRequestError
from ...domain.job import Job, JobState
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
    wanted = JobState(state) if state else None
    model, before = call.query.get("model"), call.query.get("before")
    jobs = services.jobs.page(model=model, state=wanted, limit=limit, before=before, models=call.models)
    return Answer(JobsReply([job_item(job) for job in jobs]))


def get_job(services: Services, call: Call) -> Answer:
    """Give one job as it stands."""
    return Answer(JobReply(job_item(_job(services, call))))


def get_log(services: Services, call: Call) -> Answer:
    """Give lines of a job's log."""
    after = number_in(call.query, "after", 0, 10**9, least=0)
    limit = number_in(call.query, "limit", 500, _MANY)
    lines = services.jobs.lines(str(_job(services, call).id), after, limit)
    return Answer(LogReply([LineItem(line.number, line.time, line.line) for line in lines]))


def follow(services: Services, call: Call) -> Answer:
    """Tell what happens to a job, until it has ended."""
    last = call.header("last-event-id") or ""
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else 0  # noqa: PLR2004 - a line number
    events = JobEvents(services.jobs, str(_job(services, call).id), after)
    return Answer(Stream(EVENT_STREAM, events.next))


def cancel(services: Services, call: Call) -> Answer:
    """End a job."""
    if call.caller is None:
        raise AuthenticationError
    job = services.jobs.cancel(str(_job(services, call).id), call.caller.name)
    return Answer(JobReply(job_item(job)), status=202)


def _job(services: Services, call: Call) -> Job:
    """Give a job; to who may not use its model there is none."""
    job = services.jobs.get(call.parameters["id"])
    if not call.may_use(job.order.model):
        raise JobNotFoundError(call.parameters["id"])
    return job


OPERATIONS = (
    Operation(
        name="list_jobs",
        method="GET",
        path="/jobs",
        scope=Scope.TRAIN,
        tag="train",
        summary="Trainings, newest first",
        description="Those that wait, those that run, and those that have ended.",
        query={
            "model": "Only trainings of this model.",
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
        tag="train",
        summary="One training",
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
        tag="train",
        summary="The log of a training",
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
        tag="train",
        summary="A training as it happens",
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
        tag="train",
        summary="Cancel a training",
        description="One that waits ends at once, one that runs within seconds; what answers is not touched.",
        parameters=_ID,
        replies={202: (JobReply,)},
        handle=cancel,
        errors=(JobNotFoundError, JobEndedError, StorageUnavailableError),
    ),
)
