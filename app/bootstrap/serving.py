"""What a server needs. Nothing here reaches the layers that train."""

import hashlib
from dataclasses import dataclass
from typing import Final

from ..registry.model_registry import ModelRegistry
from ..registry.watch import RegistryWatch
from ..runtime.heap import give_back_memory
from ..service.identity import Identity
from ..service.loaded_models import LoadedModels
from ..service.predict import Limits, Predict
from ..service.preload import Preload
from ..service.registry_following import RegistryFollowing
from ..service.served_everywhere import ServedEverywhere
from ..settings import Settings
from ..storage.announcement_files import AnnouncementFiles
from .password import settle_password

_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Serving:
    """The use cases of a server."""

    models: LoadedModels
    following: RegistryFollowing
    """To be started in the process that serves: it loads the models and keeps them as the registry has them."""
    served_everywhere: ServedEverywhere
    predict: Predict
    identity: Identity


def wire_serving(settings: Settings, password_hash: str | None = None) -> Serving:
    """Put a server's parts together; no model is loaded yet. Without a hash the password is settled here."""
    models, registry = wire_models(settings), ModelRegistry(settings.models_dir)
    announcements = AnnouncementFiles(settings.var_dir / "serving" / _place(settings))
    return Serving(
        models=models,
        following=RegistryFollowing(models, RegistryWatch(registry.folder), announcements, give_back_memory),
        served_everywhere=ServedEverywhere(announcements, registry.aliases_signature),
        predict=Predict(models, Limits(settings.max_text_chars, settings.max_texts)),
        identity=Identity(password_hash or settle_password(settings)),
    )


def wire_models(settings: Settings) -> LoadedModels:
    """Put together what holds models, without identity or limits."""
    return LoadedModels(
        ModelRegistry(settings.models_dir),
        settings.default_model,
        preload=Preload.parse(settings.preload),
        budget_mb=settings.memory_budget_mb,
        n_seats=max(1, settings.threads // 2),
    )


def _place(settings: Settings) -> str:
    """Name a folder after the registry, so that servers of another one in the same `var_dir` are not waited for."""
    return hashlib.sha256(str(settings.models_dir.resolve()).encode(errors="surrogateescape")).hexdigest()[:_DIGITS]
