"""Trainings that clients ask for who cannot know that one is under way."""

from dataclasses import replace

from ...domain.job import Job, JobKind, JobState
from ...service.train import Wish
from ..operation import Services


def joined_training(services: Services, wish: Wish, caller: str) -> Job:
    """
    Join the training of a model that there is, or begin one on what its draft holds.

    Two that come at once after the same last one are the same.

    Raises:
        What `Train.submit` raises.
    """
    for state in (JobState.RUNNING, JobState.QUEUED):
        if under_way := services.jobs.page(model=wish.model, state=state, limit=1, kind=JobKind.TRAIN):
            return under_way[0]
    last = services.jobs.page(model=wish.model, limit=1, kind=JobKind.TRAIN)
    key = f"{wish.mode} {wish.model} after {last[0].id if last else 'nothing'}"
    return services.train.submit(replace(wish, idempotency_key=key), None, "request", caller)
