"""
What tells of requests: metrics and the request log of a server.

prometheus_client is imported by whoever first counts or asks, not by the start: it takes as long as all the rest.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..service.loaded_models import LoadedModels
from ..service.observation import Observation
from ..service.prediction_cache import PredictionCache
from ..settings import Settings
from .request_log import wire_request_log

if TYPE_CHECKING:
    from ..service.metrics import Metrics


def wire_observation(settings: Settings, metrics_folder: Path | None = None) -> Observation:
    """Put it together; workers of a server that are given one folder count together."""
    return Observation(lambda: _metrics(metrics_folder), wire_request_log(settings))


def watch_models(observation: Observation, models: LoadedModels, cache: PredictionCache) -> None:
    """Have told what is in memory, and how it came there."""
    observation.watch("models_known", lambda: models.figures().n_known)
    observation.watch("models_in_memory", lambda: models.figures().n_in_memory)
    observation.watch("models_bytes", lambda: models.figures().held_bytes)
    observation.watch("model_loads", lambda: models.figures().n_loaded)
    observation.watch("model_load_failures", lambda: models.figures().n_load_failures)
    observation.watch("model_load_seconds", lambda: models.figures().load_seconds)
    observation.watch("model_unloads", lambda: models.figures().n_unloaded)
    observation.watch("cache_hits", lambda: cache.n_hits)
    observation.watch("cache_misses", lambda: cache.n_misses)


def _metrics(folder: Path | None) -> "Metrics":
    if folder is not None:  # the library asks its environment, and at no other time than when it is imported
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # noqa: TID251
    from ..service.metrics import Metrics  # noqa: PLC0415
    from ..service.metrics_files import reserve_before_counting  # noqa: PLC0415

    reserve_before_counting()
    return Metrics(__version__, shared_folder=folder)
