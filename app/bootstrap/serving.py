"""What a server needs. Nothing here reaches the layers that train."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..service.activation_watch import ActivationWatch
from ..service.audit import Audit
from ..service.batches import Batches
from ..service.drafts import Drafts
from ..service.guesses import Guesses
from ..service.identity.identity import Identity
from ..service.jobs import Jobs
from ..service.loaded_models import LoadedModels
from ..service.oauth.oauth import OAuth
from ..service.observation import Observation
from ..service.predict import Limits, Predict
from ..service.prediction_cache import PredictionCache
from ..service.preload import Preload
from ..service.queue_worker import QueueWorker
from ..service.queued_predictions import QueuedPredictions
from ..service.rate_limits import RateLimits
from ..service.registry_following import RegistryFollowing
from ..service.served_everywhere import ServedEverywhere
from ..service.train import Train
from ..service.versions import Versions
from ..settings import Settings
from .activation_watch import wire_activation_watch
from .audit import wire_audit
from .drafts import wire_drafts
from .following import wire_following
from .identity import wire_identity, wire_stores
from .jobs import wire_jobs
from .oauth import wire_oauth
from .observation import watch_models, wire_observation
from .password import settle_password
from .queue import wire_queue
from .rate_limits import wire_limits
from .registry import wire_registry
from .train import wire_train
from .versions import wire_versions

_BESIDE_MODELS_MB: Final = 56


@dataclass(frozen=True, slots=True)
class Serving:
    """The use cases of a server."""

    models: LoadedModels
    following: RegistryFollowing
    """To be started in the process that serves: it loads the models and keeps them as the registry has them."""
    served_everywhere: ServedEverywhere
    predict: Predict
    identity: Identity
    oauth: OAuth
    observation: Observation
    audit: Audit
    drafts: Drafts
    jobs: Jobs
    batches: Batches
    train: Train
    versions: Versions
    guesses: Guesses
    queue: QueuedPredictions
    queue_worker: QueueWorker
    """To be started in the process that serves, when its models are loaded."""
    rate_limits: RateLimits | None = None
    activation_watch: ActivationWatch | None = None
    """To be started in the process that serves, when its models are known."""


def wire_serving(
    settings: Settings,
    password_hash: str | None = None,
    metrics_folder: Path | None = None,
    *,
    counts_fd: int | None = None,
    is_password_given: bool | None = None,
) -> Serving:
    """
    Put a server's parts together; no model is loaded yet, and no thread started.

    Args:
        settings: what the operator chose.
        password_hash: of the administrator's password, which without one is settled here.
        metrics_folder: where workers that answer together count what they answered.
        counts_fd: file descriptor of memory in which all workers count requests; none: this process counts alone.
        is_password_given: whether the settings gave that password; without it, whether these do.
    """
    models = wire_models(settings)
    following, served_everywhere = wire_following(settings, models)
    cache = PredictionCache(settings.cached_texts)
    observation = wire_observation(settings, metrics_folder)
    watch_models(observation, models, cache)
    models.count_beside(cache.bytes_of)
    audit, drafts = wire_audit(settings), wire_drafts(settings)
    jobs = wire_jobs(settings, audit)
    limits = wire_limits(settings, counts_fd)
    queue = wire_queue(settings, observation)
    versions = wire_versions(settings, load=models.load_version, everywhere=served_everywhere, audit=audit)
    password_hash = password_hash or settle_password(settings)
    stores = wire_stores(settings)
    identity = wire_identity(settings, password_hash, is_password_given=is_password_given, stores=stores)
    oauth = wire_oauth(settings, identity, stores)
    identity.accept(oauth.access_tokens)
    return Serving(
        models=models,
        following=following,
        served_everywhere=served_everywhere,
        predict=Predict(models, Limits(settings.max_text_chars, settings.max_texts), cache),
        identity=identity,
        oauth=oauth,
        observation=observation,
        audit=audit,
        drafts=drafts,
        jobs=jobs,
        batches=Batches(jobs, models, max_lines=settings.max_batch_lines),
        train=wire_train(settings, jobs, drafts),
        versions=versions,
        guesses=limits.guesses,
        queue=queue.predictions,
        queue_worker=queue.worker,
        rate_limits=limits.rates,
        activation_watch=wire_activation_watch(settings, models, observation, versions, metrics_folder),
    )


def wire_models(settings: Settings) -> LoadedModels:
    """Put together what holds models, without identity or limits."""
    return LoadedModels(
        wire_registry(settings),
        settings.default_model,
        preload=Preload.parse(settings.preload),
        budget_mb=_for_models(settings.memory_budget_mb),
        n_seats=max(1, settings.threads // 2),
    )


def _for_models(budget_mb: int) -> int:
    """
    Give what loaded models may hold, so that a worker stays below its budget and 100 MB: what an idle one takes.

    The rest is for what loading needs, for what was freed and not yet given back, and for the request log.
    """
    return max(budget_mb - _BESIDE_MODELS_MB, -(-budget_mb // 2))
