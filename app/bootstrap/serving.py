"""What a server needs. Nothing here reaches the layers that train."""

from dataclasses import dataclass

from ..registry.model_registry import ModelRegistry
from ..service.identity import Identity, settle_admin_password
from ..service.loaded_models import LoadedModels
from ..service.predict import Limits, Predict
from ..settings import Settings
from ..storage.credential_file import CredentialFile


@dataclass(frozen=True, slots=True)
class Serving:
    """The use cases of a server; `new_password` is to be shown once, where one was made."""

    models: LoadedModels
    predict: Predict
    identity: Identity
    new_password: str | None


def wire_serving(settings: Settings) -> Serving:
    """Put a server's parts together; no model is loaded yet."""
    models = wire_models(settings)
    credentials = CredentialFile(settings.var_dir / "admin-password.argon2")
    password_hash, new_password = settle_admin_password(credentials, settings.admin_password)
    return Serving(
        models=models,
        predict=Predict(models, Limits(settings.max_text_chars, settings.max_texts)),
        identity=Identity(password_hash),
        new_password=new_password,
    )


def wire_models(settings: Settings) -> LoadedModels:
    """Put together what holds models, without identity or limits."""
    return LoadedModels(ModelRegistry(settings.models_dir), settings.default_model)
