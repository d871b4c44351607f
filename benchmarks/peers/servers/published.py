"""What every peer answers with: the model that Parley serves, through Parley's own pipeline."""

import os
from pathlib import Path

from app.domain.model_reference import ModelReference
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry

MODEL = "flights"


def port() -> int:
    """Give the port to listen on."""
    return int(os.environ["PEER_PORT"])  # noqa: TID251 - some peers start their workers themselves and pass no flags on


def pipeline(models_dir: Path | None = None) -> IntentPipeline:
    """Load the published version; its registry is named by the environment unless it is given."""
    registry = ModelRegistry(models_dir or Path(os.environ["PEER_MODELS"]))  # noqa: TID251 - as above
    stored = registry.load(MODEL, registry.resolve(ModelReference(MODEL)), SERVED_FILES)
    return load_pipeline(MODEL, stored.folder, stored.files)


def answer(model: IntentPipeline, text: str) -> tuple[str | None, float]:
    """Give the intent of a text and its confidence."""
    [prediction] = model.predict([text], top_k=1)
    return prediction.intent, prediction.confidence
