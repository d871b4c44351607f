"""The registry, with what signs its versions."""

from ..domain.operator_keys import key_bytes
from ..registry.model_registry import ModelRegistry
from ..registry.signing import Signing
from ..settings import Settings


def wire_registry(settings: Settings) -> ModelRegistry:
    """Open the registry as it is read and written to."""
    key = settings.signing_key
    signing = Signing(None if key is None else key_bytes(key), is_required=settings.require_signed_models)
    return ModelRegistry(settings.models_dir, settings.keep_versions, signing)
