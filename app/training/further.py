"""
Continue from the weights of a version: learn what was added, and rehearse what was known.

The vocabulary and the outputs grow, and what they had keeps its weights; a low learning rate moves them. Each epoch
sees the new examples beside a sample of the old ones, of each intent in proportion (rehearsal, after Robins 1995,
"Catastrophic forgetting, rehearsal and pseudorehearsal").
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..domain.example import inputs_of
from ..domain.training_errors import CannotContinueError, UnusableDatasetError
from ..families.catalogue import family_named
from ..families.contract import Encoding, Features
from ..families.model_config import ModelConfig
from ..networks.fitting import fit_further
from ..networks.growth import Beginning
from ..networks.network_plan import LabelledEncodings, NetworkPlan, OnEpoch, fits_at_once
from ..planning.check import CheckedPlan
from ..planning.merge import Merged, merge
from ..text.label_encoder import LabelEncoder
from .base_version import Base
from .fit import Fits, FittedModel, fit

_LEAST_REHEARSED: Final = 10_000
_REHEARSED_FOR_EACH: Final = 20
_REPEATS: Final = 3
"""How often an epoch sees what is new; what is old has had its epochs."""
_MAY_CHANGE: Final = frozenset({"max_terms", "max_words", "min_count"})
"""Of features: what bounds a vocabulary, and not how a text is read."""


def merged_with(checked: CheckedPlan, base: Base) -> Merged:
    """
    Put what is to be learned to what a version has learned.

    Raises:
        UnusableDatasetError: nothing of it is new.
        CannotContinueError: the configuration asks for another network than the version's.
    """
    if changed := _differences(base.pipeline.config, checked.config):
        problem = f"the configuration has another {', '.join(changed)}"
        raise CannotContinueError(checked.name, base.version, problem)
    merged = merge(base.dataset, checked.training)
    if merged.is_empty:
        raise UnusableDatasetError(checked.training.source, f"nothing in it is new to version {base.version}")
    return merged


def fit_on(checked: CheckedPlan, base: Base, merged: Merged, on_epoch: OnEpoch) -> tuple[Fits, list[str]]:
    """
    Train on from a version; where its family has no weights to continue from, on everything from nothing.

    Args:
        checked: the plan, its training data those of `merged`.
        base: the version.
        merged: what it knows and what is new.
        on_epoch: is told of each epoch.

    Returns:
        The model, with nothing held out, and sentences about how it was made.

    Raises:
        CannotContinueError: the version has no weights, or not those of its configuration.
        NonFiniteLossError: the training ran away.
    """
    if fits_at_once(checked.config):
        note = f"family {checked.config.family!r} has no weights to continue from: it was fitted anew on everything"
        return fit(checked, on_epoch), [note]
    fitted, notes = _continued(checked, base, merged, on_epoch)
    nothing = LabelledEncodings([], np.zeros(0, dtype=np.int64))
    return Fits(fitted, fitted, [], nothing), notes


def _continued(checked: CheckedPlan, base: Base, merged: Merged, on_epoch: OnEpoch) -> tuple[FittedModel, list[str]]:
    before = base.pipeline
    if base.weights is None:
        raise CannotContinueError(checked.name, base.version, "it keeps no weights")
    outside = merged.dataset.out_of_scope
    inputs = [*inputs_of(merged.dataset.examples), *outside]
    new = [*inputs_of(merged.added), *merged.added_out_of_scope]
    # as today's configuration bounds them
    known: Features[Any] = family_named(checked.config.family).features.restore(checked.config, before.features.state())
    extension = known.extended(inputs, new)
    encoder = LabelEncoder.learn(merged.dataset.intents())
    plan = NetworkPlan(checked.name, checked.config, extension.features, len(encoder) + bool(outside))
    plan_before = NetworkPlan(
        checked.name, before.config, before.features, len(before.label_encoder) + before.calibration.knows_none
    )
    training = _lessons(plan, encoder, merged, [checked.config.training.seed, base.version])
    columns = _columns(before.label_encoder, encoder, knew_none=before.calibration.knows_none, knows_none=bool(outside))
    beginning = Beginning(base.version, plan_before, base.weights, extension.origins, columns)
    network = fit_further(plan, beginning, training, on_epoch)
    notes = []
    if extension.n_left_out:
        notes.append(
            f"the vocabulary is full: {extension.n_left_out:,} new terms were left out; a training of mode `full` makes"
            " room for them"
        )
    return FittedModel(network, extension.features, encoder, training), notes


def _lessons(plan: NetworkPlan, encoder: LabelEncoder, merged: Merged, seed: Sequence[int]) -> LabelledEncodings:
    """Give what is to be learned, some of it several times, and what is to be rehearsed."""
    examples, outside = merged.dataset.examples, merged.dataset.out_of_scope
    inputs = [*inputs_of(examples), *outside]
    labels = np.array([*encoder.encode(e.intent for e in examples), *[len(encoder)] * len(outside)], dtype=np.int64)
    is_new = np.zeros(len(labels), dtype=bool)
    is_new[len(examples) - len(merged.added) : len(examples)] = True
    is_new[len(labels) - len(merged.added_out_of_scope) :] = True
    new = np.flatnonzero(is_new)
    rehearsed = _sample(np.flatnonzero(~is_new), labels, max(_LEAST_REHEARSED, _REHEARSED_FOR_EACH * len(new)), seed)
    rows = np.concatenate([np.repeat(new, _REPEATS), rehearsed])
    weights = plan.class_weights(labels)
    known: list[tuple[int, Encoding]] = [
        (row, encoding) for row in rows.tolist() if (encoding := plan.features.encode(inputs[row])) is not None
    ]
    chosen = [row for row, _ in known]
    return LabelledEncodings([encoding for _, encoding in known], labels[chosen], weights[chosen])


def _sample(
    rows: NDArray[np.int64], labels: NDArray[np.int64], n_wanted: int, seed: Sequence[int]
) -> NDArray[np.int64]:
    """Draw rows of each class in proportion, one at least."""
    chance = np.random.default_rng(seed)
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row in chance.permutation(rows).tolist():
        rows_of[labels[row]].append(row)
    ranked = sorted((place / len(of_class), row) for of_class in rows_of.values() for place, row in enumerate(of_class))
    n_drawn = max(n_wanted, len(rows_of))
    return np.array(sorted(row for _, row in ranked[:n_drawn]), dtype=np.int64)


def _columns(before: LabelEncoder, now: LabelEncoder, *, knew_none: bool, knows_none: bool) -> NDArray[np.int64]:
    """Give for each output that of before, or -1; "none of these" is the last."""
    columns = [before.index.get(intent, -1) for intent in now.intents]
    if knows_none:
        columns.append(len(before) if knew_none else -1)
    return np.array(columns, dtype=np.int64)


def _differences(before: ModelConfig, now: ModelConfig) -> list[str]:
    """Give the keys that make another network, or other features, by their dotted names."""
    was, is_now = msgspec.to_builtins(before), msgspec.to_builtins(now)
    if before.family != now.family:
        return ["family"]
    return [
        name
        for group in ("text", "fields", "features", "network")
        for name in _changed(was.get(group), is_now.get(group), group)
        if name.rpartition(".")[2] not in _MAY_CHANGE
    ]


def _changed(was: Any, is_now: Any, name: str) -> list[str]:  # noqa: ANN401 - any plain value
    if isinstance(was, dict) and isinstance(is_now, dict):
        return [
            found for key in {**was, **is_now} for found in _changed(was.get(key), is_now.get(key), f"{name}.{key}")
        ]
    return [] if was == is_now else [name]
