"""
The queue of trainings, and what makes trainings of wishes.

SQLAlchemy is imported where the table is opened, which is when something is queued or looked at first.
"""

from functools import partial
from typing import TYPE_CHECKING

from ..domain.example import Dataset
from ..planning.inherited import inherited_config
from ..registry.model_registry import ModelRegistry
from ..service.audit import AuditLog
from ..service.drafts import Drafts
from ..service.jobs import Jobs
from ..service.train import Train, Versions
from ..settings import Settings
from .version_dataset import reading_active_datasets

if TYPE_CHECKING:
    from ..storage.job_store import JobStore


def wire_jobs(settings: Settings, audit: AuditLog) -> Jobs:
    """Put the queue together; nothing is connected before it is used."""
    return Jobs(lambda: open_job_store(settings), max_queued=settings.max_queued_jobs, audit=audit)


def wire_train(settings: Settings, jobs: Jobs, drafts: Drafts) -> Train:
    """Put together what makes jobs."""
    registry = ModelRegistry(settings.models_dir)
    read_active = reading_active_datasets(registry)

    def dataset(model: str) -> Dataset | None:
        read = read_active(model)
        return read[1] if read else None

    return Train(jobs, drafts, Versions(partial(inherited_config, registry, settings.configs_dir), dataset), _no_calls)


def open_job_store(settings: Settings) -> "JobStore":
    """
    Open the table; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above
    from ..storage.job_store import JobStore  # noqa: PLC0415

    return JobStore(open_engine(settings.database_url or settings.var_dir / "parley.db"))


def _no_calls(_: str) -> None:
    raise NotImplementedError
