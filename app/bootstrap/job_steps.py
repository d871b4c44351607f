"""
How a job is trained, published and activated.

TensorFlow takes seconds to import, and is imported by the step that trains: a job that cannot be begun says so before.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..data.lint import check_training
from ..data.snapshot import from_bytes
from ..domain.job import Job, JobOutcome, JobProgress
from ..jobs.trainer import Activated, JobContext
from ..planning.check import CheckedPlan
from ..planning.plan import make_plan
from ..registry.model_registry import ModelRegistry
from ..settings import Settings

if TYPE_CHECKING:
    from ..networks.network_plan import Epoch


class JobSteps:
    """The steps of a trainer, with the registry and the training of this project."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry = ModelRegistry(settings.models_dir)

    def published(self, job: Job) -> JobOutcome | None:
        """Give what an attempt before this one has published."""
        # seam: the registry is asked for the version of this job
        del job
        return None

    def train(self, context: JobContext) -> JobOutcome:
        """
        Train on the job's snapshot and publish; the version does not answer yet.

        Raises:
            ConfigurationError, DatasetError, TrainingError, DamagedModelError, UnwritableRegistryError: nothing was
                published.
        """
        from ..training.train_model import train_model  # noqa: PLC0415 - see above

        def on_epoch(epoch: "Epoch") -> None:
            context.on_progress(_progress(epoch))

        # seam: the job, what it continues from, no activation, and `allowed` go along with what is trained
        context.on_progress(JobProgress("checking"))
        checked = self._check(context)
        context.on_progress(JobProgress("preparing"))
        context.allowed()
        trained = train_model(checked, self._registry, on_epoch)
        return JobOutcome(
            version=trained.manifest.version,
            metrics=trained.report.metrics(),
            notes=tuple(trained.report.notes),
        )

    def activate(self, job: Job, outcome: JobOutcome) -> Activated:
        """Let the version answer, where that was ordered and the gate lets it."""
        # seam: the gate decides, and the alias is moved here
        del outcome
        return Activated(is_active=True, notes=(f"{job.order.model} answers with it",))

    def _check(self, context: JobContext) -> CheckedPlan:
        # seam: a dataset is checked without a plan of files
        order = context.job.order
        dataset = from_bytes(context.snapshot)
        plan = make_plan(
            order.model, {"data": dataset.source or "snapshot", **order.config}, self._settings.var_dir, "job"
        )
        warnings = check_training(dataset, plan.config.text)
        return CheckedPlan(plan, dataset, None, tuple(warnings), dataset.out_of_scope)


def _progress(epoch: "Epoch") -> JobProgress:
    told = asdict(epoch)
    return JobProgress(stage=told.pop("stage"), epoch=told.pop("number"), **told)
