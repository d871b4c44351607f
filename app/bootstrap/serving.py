"""What a server needs. Nothing here reaches the layers that train."""

from dataclasses import dataclass

from ..registry.model_registry import ModelRegistry
from ..service.identity import Identity
from ..service.loaded_models import LoadedModels
from ..service.predict import Limits, Predict
from ..settings import Settings
from .password import settle_password


@dataclass(frozen=True, slots=True)
class Serving:
    """The use cases of a server."""

    models: LoadedModels
    predict: Predict
    identity: Identity


def wire_serving(settings: Settings, password_hash: str | None = None) -> Serving:
    """Put a server's parts together; no model is loaded yet. Without a hash the password is settled here."""
    models = wire_models(settings)
    return Serving(
        models=models,
        predict=Predict(models, Limits(settings.max_text_chars, settings.max_texts)),
        identity=Identity(password_hash or settle_password(settings)),
    )


def wire_models(settings: Settings) -> LoadedModels:
    """Put together what holds models, without identity or limits."""
    return LoadedModels(ModelRegistry(settings.models_dir), settings.default_model)
