"""
The way of a model, from checked data to a published version; every door leads here.

    read -> lint -> (choose) -> split -> fit -> calibrate -> export -> check parity -> evaluate -> publish

A further training (`base`) puts `merge -> continue` in the place of `choose -> split -> fit`.
"""

import gzip
import importlib.metadata
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..domain.example import Example, inputs_of
from ..evaluation.entity_figures import measure_marked
from ..evaluation.figures import Figures, measure
from ..evaluation.html_report import report_html
from ..evaluation.out_of_scope import OutOfScopeFigures, measure_out_of_scope
from ..evaluation.report import EpochFigures, Report
from ..networks.event_log import EventLog
from ..networks.fitted_network import FittedNetwork
from ..networks.network_plan import Epoch, OnEpoch
from ..pipeline.artifacts import NETWORK, PipelineParts, load_pipeline
from ..pipeline.calibration import Calibration
from ..pipeline.intent_pipeline import IntentPipeline
from ..planning.auto_config import AutoConfig
from ..planning.check import CheckedPlan, jsonl
from ..planning.merge import Merged
from ..planning.stored_dataset import DATASET
from ..registry.manifest import Facts, Manifest
from ..registry.model_registry import ModelRegistry
from .base_version import Base
from .calibrate import calibrate, carried_over
from .changes import changes
from .fit import Fits, FittedModel, accuracy_on, export, fit
from .further import fit_on, merged_with
from .search import choose

REPORT: Final = "report.json"
HTML_REPORT: Final = "report.html"
_LIBRARIES: Final = ("keras", "numpy", "onnx", "onnxruntime", "scikit-learn", "scipy", "tensorflow", "tf2onnx")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A version just published."""

    manifest: Manifest
    report: Report
    seconds: float
    notes: tuple[str, ...] = ()
    """What was decided about whether it answers."""


def train_model(  # noqa: PLR0913 - what doors differ in
    checked: CheckedPlan,
    registry: ModelRegistry,
    on_epoch: OnEpoch,
    event_logs: Path | None = None,
    *,
    base: Base | None = None,
    job: str | None = None,
    activate: bool = True,
    allowed: Callable[[], None] = lambda: None,
) -> TrainedModel:
    """
    Train and publish one model; a failure on the way leaves the registry as it was.

    Args:
        checked: what to learn, and how; with `base` what is to be added to what that has learned.
        registry: where it is published.
        on_epoch: is told of each epoch.
        event_logs: a folder for what TensorBoard shows.
        base: the version to continue from; absent: the training begins with nothing.
        job: the id of the job that this is, where it is one.
        activate: whether the version is to answer at once.
        allowed: as `ModelRegistry.publish` takes it.

    Raises:
        TrainingError: the training came to nothing worth publishing.
        CannotContinueError: no training can go on from `base`, or not with this configuration.
        UnusableDatasetError: nothing can be learned, or nothing that `base` has not learned.
        DamagedModelError: the model's aliases on disk cannot be trusted.
    """
    started = time.monotonic()
    learning_curve: list[EpochFigures] = []

    write_event = EventLog(event_logs) if event_logs else None

    def keep(epoch: Epoch) -> None:
        if write_event:
            write_event(epoch)
        learning_curve.append(msgspec.convert(epoch, EpochFigures, from_attributes=True))
        on_epoch(epoch)

    def trying(fold: CheckedPlan, held_out: Sequence[Example]) -> float:
        stage = f"trying {fold.config.family}"
        return accuracy_on(fold, held_out, lambda epoch: on_epoch(replace(epoch, stage=stage)))

    submitted = checked
    notes: list[str] = []
    if isinstance(checked.config, AutoConfig):
        config, notes = choose(checked, checked.config.search, trying)
        checked = replace(checked, config=config)
    merged = None
    if base:
        merged = merged_with(checked, base)
        checked = submitted = replace(checked, training=merged.dataset)
        fits, notes = fit_on(checked, base, merged, keep)
    else:
        fits = fit(checked, keep)
    fit_s = time.monotonic() - started

    calibration = _calibrated(checked, fits, base, merged)
    files = _files(checked, fits.served, calibration)
    # test examples are answered by the very bytes that will be served; so are those of validation, unless these bytes
    # are of a network that has learned from them
    served = load_pipeline(checked.name, checked.name, files)
    measured = served
    if fits.measured is not fits.served:
        session = _Unexported(fits.measured.network)
        measured = replace(served, features=fits.measured.features, session=session)
    if base and merged:
        notes = [*changes(base.version, merged, base.pipeline, served), *notes]
    report = Report(
        model=checked.name,
        family=checked.config.family,
        validation=_figures(measured, fits.held_out) if fits.held_out else None,
        test=_figures(served, checked.test.examples) if checked.test else None,
        warnings=[str(warning) for warning in checked.warnings],
        learning_curve=learning_curve,
        notes=notes,
        out_of_scope=_out_of_scope_figures(served, checked.out_of_scope_test),
        entities=measure_marked(served.entities, checked.test.examples if checked.test else ()),
    )
    ending, weights = fits.served.network.weights()
    files[f"model.{ending}"] = weights
    files[REPORT] = report.to_json()
    files[HTML_REPORT] = report_html(report)
    if checked.config.keep_dataset:
        files[DATASET] = gzip.compress(jsonl(checked.training.examples, checked.training.out_of_scope), mtime=0)

    seconds = time.monotonic() - started
    facts = Facts(
        family=checked.config.family,
        input_schema=fits.served.features.input_schema,
        intents=len(fits.served.label_encoder),
        examples=len(checked.training.examples),
        seed=checked.config.training.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        hashes=submitted.hashes(),
        library_versions={library: importlib.metadata.version(library) for library in _LIBRARIES},
        timings_s={"fit": round(fit_s, 3), "all": round(seconds, 3)},
        metrics=report.metrics(),
        job=job,
        parent=base.version if base else None,
    )
    manifest = registry.publish(checked.name, files, facts, activate=activate, allowed=allowed)
    return TrainedModel(manifest, report, seconds)


def _calibrated(checked: CheckedPlan, fits: Fits, base: Base | None, merged: Merged | None) -> Calibration:
    """Calibrate on what was held out, or, where nothing was, so that the model is as sure as the one before it."""
    calibration = calibrate(
        fits.measured.network.scores(fits.validation.encodings),
        fits.validation.labels,
        checked.config.min_confidence,
        knows_none=bool(checked.training.out_of_scope),
    )
    if not base or not merged or fits.held_out:
        return calibration
    return carried_over(calibration, base.pipeline, fits.served.features, fits.served.network, merged.kept())


class _Unexported:
    """A network that is measured and not served: its twin that is has proved that the export computes the same."""

    def __init__(self, network: FittedNetwork) -> None:
        self._network = network

    def scores(self, arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
        n_inputs = len(next(iter(arrays.values())))
        return self._network.scores([{name: array[row] for name, array in arrays.items()} for row in range(n_inputs)])


def _files(checked: CheckedPlan, fitted: FittedModel, calibration: Calibration) -> dict[str, bytes]:
    """Give the files that a pipeline is loaded from; the export has proved that it computes the same."""
    replies = checked.training.replies
    parts = PipelineParts(checked.config, fitted.features, fitted.label_encoder, calibration, replies)
    return {**parts.to_files(), NETWORK: export(checked.name, fitted)}


def _out_of_scope_figures(pipeline: IntentPipeline, texts: Sequence[str]) -> OutOfScopeFigures | None:
    return measure_out_of_scope(pipeline.predict(texts, top_k=1)) if texts else None


def _figures(pipeline: IntentPipeline, examples: Sequence[Example]) -> Figures:
    return measure([example.intent for example in examples], pipeline.predict(inputs_of(examples), top_k=1))
