"""What takes a version back that does worse than the one before it, where that is wanted."""

from pathlib import Path

from ..service.activation_watch import ActivationWatch
from ..service.live_figures import Bounds
from ..service.loaded_models import LoadedModels
from ..service.observation import Observation
from ..service.versions import Versions
from ..settings import Settings


def wire_activation_watch(
    settings: Settings,
    models: LoadedModels,
    observation: Observation,
    versions: Versions,
    metrics_folder: Path | None = None,
) -> ActivationWatch | None:
    """Put it together, to be started in the process that serves; none where nothing is to be watched."""
    if not settings.watch_s:
        return None
    return ActivationWatch(
        lambda: {name: standing.aliases for name, standing in models.roster.standings.items()},
        observation.figures,
        versions,
        watch_s=settings.watch_s,
        bounds=Bounds(settings.watch_least, settings.watch_fallbacks, settings.watch_slower),
        folder=metrics_folder,
    )
