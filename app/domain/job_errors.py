"""What is refused of jobs, and what ends them; part of the tree in errors.py."""

from uuid import UUID

from .errors import NotFoundError, ParleyError
from .job import JobState
from .quotation import shortened


class JobNotFoundError(NotFoundError):
    """No job of that id."""

    field = "job"

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__(f"there is no job {shortened(job)}")


class JobEndedError(ParleyError):
    """A job that can no longer be cancelled."""

    field = "job"

    def __init__(self, job: UUID, state: JobState) -> None:
        self.job, self.state = job, state
        super().__init__(f"the job has ended: it is {state}")


class JobNotEndedError(ParleyError):
    """A job that has no result yet."""

    field = "job"

    def __init__(self, job: UUID, state: JobState) -> None:
        self.job, self.state = job, state
        super().__init__(f"the job is {state}; its result is there when it has succeeded")


class ResultNotFoundError(NotFoundError):
    """A job that has no result, or none any more."""

    field = "job"

    def __init__(self, job: UUID, problem: str) -> None:
        self.job, self.problem = job, problem
        super().__init__(f"the job has no result: {problem}")


class QueueFullError(ParleyError):
    """More jobs than are kept waiting: this one was not queued."""

    def __init__(self, n_queued: int) -> None:
        self.n_queued = n_queued
        super().__init__(f"{n_queued:,} jobs wait already; this one was not queued, send it again later")


class ClaimLostError(ParleyError):
    """A job that was given to somebody else, because whoever held it was taken for lost: it may publish nothing."""

    def __init__(self, job: UUID) -> None:
        self.job = job
        super().__init__(f"job {job} was given to another runner")
