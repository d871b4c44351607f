"""What makes jobs of trainings that somebody asks for."""

from functools import partial

from ..domain.example import Dataset
from ..planning.inherited import inherited_config
from ..service.drafts import Drafts
from ..service.jobs import Jobs
from ..service.train import Train, Versions
from ..settings import Settings
from .callbacks import wire_callbacks
from .registry import wire_registry
from .version_dataset import reading_active_datasets


def wire_train(settings: Settings, jobs: Jobs, drafts: Drafts) -> Train:
    """Put it together; nothing is read before it is used."""
    registry = wire_registry(settings)
    read_active = reading_active_datasets(registry)

    def dataset(model: str) -> Dataset | None:
        read = read_active(model)
        return read[1] if read else None

    versions = Versions(partial(inherited_config, registry, settings.configs_dir), dataset)
    return Train(jobs, drafts, versions, wire_callbacks(settings).check)
