"""
The way of a model, from checked data to a published version; every door leads here.

    read -> lint -> split -> fit -> export -> check parity -> calibrate -> evaluate -> publish
"""

import gzip
import importlib.metadata
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..domain.example import Example, inputs_of
from ..evaluation.figures import Figures, measure
from ..evaluation.report import Report
from ..networks.fitting import Epoch
from ..pipeline.artifacts import NETWORK, PipelineParts, load_pipeline
from ..pipeline.intent_pipeline import IntentPipeline
from ..registry.manifest import Facts, Manifest
from ..registry.model_registry import ModelRegistry
from .calibrate import calibrate
from .check import CheckedPlan, jsonl
from .fit import export, fit

WEIGHTS: Final = "model.weights.h5"
DATASET: Final = "dataset.jsonl.gz"
REPORT: Final = "report.json"
_LIBRARIES: Final = ("keras", "numpy", "onnx", "onnxruntime", "tensorflow", "tf2onnx")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A version just published."""

    manifest: Manifest
    report: Report
    seconds: float


def train_model(
    checked: CheckedPlan, registry: ModelRegistry, on_epoch: Callable[[Epoch], None] = lambda _: None
) -> TrainedModel:
    """
    Train and publish one model; a failure on the way leaves the registry as it was.

    Raises:
        TrainingError: the training came to nothing worth publishing.
        DamagedModelError: the model's aliases on disk cannot be trusted.
    """
    started = time.monotonic()
    plan = checked.plan
    fitted = fit(checked, on_epoch)
    fit_s = time.monotonic() - started
    onnx, validation_scores = export(plan.name, fitted)
    calibration = calibrate(validation_scores, fitted.validation.labels, plan.config.min_confidence)

    parts = PipelineParts(plan.config, fitted.features, fitted.label_encoder, calibration, checked.training.replies)
    files = {**parts.to_files(), NETWORK: onnx, WEIGHTS: fitted.network.weights_h5()}
    # evaluated from the very bytes that will be served
    report = _report(checked, load_pipeline(plan.name, plan.name, files), fitted.held_out)
    files[REPORT] = report.to_json()
    if plan.config.keep_dataset:
        files[DATASET] = gzip.compress(jsonl(checked.training.examples), mtime=0)

    seconds = time.monotonic() - started
    facts = Facts(
        family=plan.config.family,
        input_schema={"type": "text"},
        intents=len(fitted.label_encoder),
        examples=len(checked.training.examples),
        seed=plan.config.training.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        hashes=checked.hashes(),
        library_versions={library: importlib.metadata.version(library) for library in _LIBRARIES},
        timings_s={"fit": round(fit_s, 3), "all": round(seconds, 3)},
        metrics=report.metrics(),
    )
    return TrainedModel(registry.publish(plan.name, files, facts), report, seconds)


def _report(checked: CheckedPlan, pipeline: IntentPipeline, held_out: Sequence[Example]) -> Report:
    return Report(
        model=checked.plan.name,
        family=checked.plan.config.family,
        validation=evaluate(pipeline, held_out) if held_out else None,
        test=evaluate(pipeline, checked.test.examples) if checked.test else None,
        warnings=[str(warning) for warning in checked.warnings],
    )


def evaluate(pipeline: IntentPipeline, examples: Sequence[Example]) -> Figures:
    """Measure a pipeline on examples."""
    predictions = pipeline.predict(inputs_of(examples), top_k=1)
    return measure([example.intent for example in examples], predictions)
