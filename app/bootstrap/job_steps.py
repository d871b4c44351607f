"""
How a job is trained, published and activated.

TensorFlow takes seconds to import, and is imported by the step that trains: a job that cannot be begun says so before.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..data.snapshot import entities_in, from_bytes
from ..domain.errors import ModelNotFoundError
from ..domain.example import Dataset, Example
from ..domain.job import Job, JobOutcome, JobProgress, TrainingMode
from ..domain.model_reference import ModelReference
from ..jobs.trainer import Activated, JobContext
from ..planning.check import CheckedPlan, check_data
from ..planning.plan import settle_config
from ..planning.stored_dataset import read_stored_dataset
from ..settings import Settings
from .registry import wire_registry
from .versions import wire_versions

if TYPE_CHECKING:
    from ..networks.network_plan import Epoch

_WHERE = "the job"


class JobSteps:
    """The steps of a trainer, with the registry and the training of this project."""

    def __init__(self, settings: Settings) -> None:
        self._n_threads = settings.job_threads
        self._registry = wire_registry(settings)
        self._versions = wire_versions(settings)

    def published(self, job: Job) -> JobOutcome | None:
        """Give what an attempt before this one has published."""
        manifest = self._registry.published_by(job.order.model, str(job.id))
        if manifest is None:
            return None
        return JobOutcome(version=manifest.version, metrics=manifest.facts.metrics)

    def train(self, context: JobContext) -> JobOutcome:
        """
        Train on the job's snapshot and publish; the version does not answer yet.

        Raises:
            ConfigurationError, DatasetError, TrainingError, DamagedModelError, UnwritableRegistryError: nothing was
                published.
            CannotContinueError: there is nothing to continue from.
        """
        job = context.job
        context.on_progress(JobProgress("checking"))
        base = None
        if job.training.mode is TrainingMode.INCREMENTAL:
            base = self._registry.resolve(ModelReference(job.order.model))
        checked = self._check(context, base)
        context.on_progress(JobProgress("preparing"))
        from ..training.base_version import read_base  # noqa: PLC0415 - h5py is heavy too

        known = read_base(self._registry, checked.name, base) if base else None
        from ..networks.threads import bound_threads  # noqa: PLC0415 - see above
        from ..training.train_model import train_model  # noqa: PLC0415

        bound_threads(self._n_threads)
        trained = train_model(
            checked,
            self._registry,
            lambda epoch: context.on_progress(_progress(epoch)),
            base=known,
            job=str(job.id),
            activate=False,
            allowed=context.allowed,
        )
        notes, metrics = tuple(trained.report.notes), trained.report.metrics()
        return JobOutcome(version=trained.manifest.version, metrics=metrics, notes=notes)

    def activate(self, job: Job, outcome: JobOutcome) -> Activated:
        """Let the version answer, where that was ordered and the gate lets it."""
        assert outcome.version is not None  # noqa: S101 - it was published
        order = job.training
        return Activated(*self._versions.activate_trained(order.model, outcome.version, order.activate, job.caller))

    def _check(self, context: JobContext, base: int | None) -> CheckedPlan:
        order = context.job.training
        known = read_stored_dataset(self._registry, order.model, base) if base else None
        config = settle_config({**order.config, "entities": entities_in(context.snapshot)}, _WHERE)
        return check_data(order.model, config, from_bytes(context.snapshot), self._test(order.model), known=known)

    def _test(self, model: str) -> Dataset | None:
        """Give the frozen test set of a model, where it has one, so that the report has figures of it."""
        try:
            _, checks = self._versions.checks(model)
        except ModelNotFoundError:  # it is new
            return None
        examples = [Example(asked.text, asked.intent) for asked in checks.test]
        return Dataset(tuple(examples), source="checks") if examples else None


def _progress(epoch: "Epoch") -> JobProgress:
    told = asdict(epoch)
    return JobProgress(stage=told.pop("stage"), epoch=told.pop("number"), **told)
