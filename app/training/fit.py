"""Fit the features and the network of a checked plan, and prove that the export computes the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..data.split import split_texts, stratified_split
from ..domain.abstention import Abstention
from ..domain.example import Example, inputs_of
from ..domain.training_errors import ParityError, UnusableDatasetError
from ..families.catalogue import family_named
from ..families.contract import Features, alone
from ..networks.fitted_network import FittedNetwork
from ..networks.fitting import fit_for, fit_until_best
from ..networks.network_plan import LabelledEncodings, NetworkPlan, OnEpoch
from ..pipeline.artifacts import NETWORK
from ..pipeline.calibration import Calibration
from ..planning.check import CheckedPlan
from ..runtime.session import NetworkSession
from ..text.label_encoder import LabelEncoder

PARITY: Final = 1e-5
"""Largest difference of a probability between the trained network and its export."""
_PARITY_EXAMPLES: Final = 500


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What was learned, and from what; inputs of which nothing is known are left out."""

    network: FittedNetwork
    features: Features[Any]
    label_encoder: LabelEncoder
    training: LabelledEncodings


@dataclass(frozen=True, slots=True)
class Fits:
    """
    The model to serve, and the one that says how good it is.

    `measured` never saw the examples `held_out`. `served` is the same one, or, with `refit`, one trained as long on all
    examples: as good at least, and there is nothing left to measure it with.
    """

    served: FittedModel
    measured: FittedModel
    held_out: Sequence[Example]
    validation: LabelledEncodings
    """They, and the texts out of scope that were held out too, as `measured` encodes them."""


def fit(checked: CheckedPlan, on_epoch: OnEpoch) -> Fits:
    """
    Learn features and network.

    Raises:
        UnusableDatasetError: the features know no word of any text.
        NonFiniteLossError: the training ran away.
    """
    settings = checked.config.training
    examples = checked.training.examples
    encoder = LabelEncoder.learn(checked.training.intents())
    kept, held_out = stratified_split(examples, settings.validation_fraction, settings.seed)
    kept_outside, held_outside = split_texts(checked.training.out_of_scope, settings.validation_fraction, settings.seed)
    plan, training = _prepared(checked, encoder, kept, kept_outside)
    validation = _labelled(plan.features, encoder, held_out, held_outside)
    network, n_epochs = fit_until_best(plan, training, validation, on_epoch)
    measured = FittedModel(network, plan.features, encoder, training)
    if not (settings.refit and held_out):
        return Fits(measured, measured, held_out, validation)
    plan, training = _prepared(checked, encoder, examples, checked.training.out_of_scope)
    network = fit_for(plan, training, n_epochs, on_epoch)
    return Fits(FittedModel(network, plan.features, encoder, training), measured, held_out, validation)


def accuracy_on(checked: CheckedPlan, held_out: Sequence[Example], on_epoch: OnEpoch = lambda _: None) -> float:
    """
    Train once, on all examples of the plan, and give the accuracy on others; what nothing is known of is wrong.

    There is one at least, and each is of an intent that the plan has an example of: folds see to it.

    Raises:
        UnusableDatasetError, NonFiniteLossError: as `fit`.
    """
    encoder = LabelEncoder.learn(checked.training.intents())
    plan, training = _prepared(checked, encoder, checked.training.examples, checked.training.out_of_scope)
    network = fit_for(plan, training, None, on_epoch)
    asked = _labelled(plan.features, encoder, held_out)
    best = network.scores(asked.encodings)[:, : len(encoder)].argmax(axis=1)
    return float((best == asked.labels).sum()) / len(held_out)


def export(model: str, fitted: FittedModel) -> bytes:
    """
    Export the network, and prove that it computes the same.

    The proof runs it as it will be served: one input at a time.

    Raises:
        ParityError: it does not compute what the trained network does.
    """
    onnx = fitted.network.onnx(fitted.training.encodings[0])
    session = NetworkSession(onnx, NETWORK)
    encodings = fitted.training.encodings[:_PARITY_EXAMPLES]
    served = np.concatenate([session.scores(alone(encoding, fitted.features.zeros_may_fill)) for encoding in encodings])
    trained = fitted.network.scores(encodings)
    plain = Calibration(1.0, Abstention())
    difference = float(np.abs(plain.probabilities(served) - plain.probabilities(trained)).max())
    if not difference <= PARITY:  # also where it is not a number
        raise ParityError(model, difference, PARITY)
    return onnx


def _labelled(
    features: Features[Any], encoder: LabelEncoder, examples: Sequence[Example], out_of_scope: Sequence[str] = ()
) -> LabelledEncodings:
    """Encode examples, leaving out those of which nothing is known; the class after the last is out of scope."""
    inputs = [*inputs_of(examples), *out_of_scope]
    labels = [*encoder.encode(example.intent for example in examples), *[len(encoder)] * len(out_of_scope)]
    known = [(encoding, label) for e, label in zip(inputs, labels, strict=True) if (encoding := features.encode(e))]
    return LabelledEncodings([encoding for encoding, _ in known], np.array([n for _, n in known], dtype=np.int64))


def _prepared(
    checked: CheckedPlan, encoder: LabelEncoder, examples: Sequence[Example], out_of_scope: Sequence[str]
) -> tuple[NetworkPlan, LabelledEncodings]:
    config = checked.config
    features = family_named(config.family).features.learn(config, [*inputs_of(examples), *out_of_scope])
    known = _labelled(features, encoder, examples, out_of_scope)
    if not known:
        raise UnusableDatasetError(checked.training.source, "with these `features` no text has a known word")
    n_outputs = len(encoder) + bool(checked.training.out_of_scope)
    return NetworkPlan(checked.name, config, features, n_outputs, checked.architecture), known
