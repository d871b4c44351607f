"""Fit the features and the network of a checked plan, and prove that the export computes the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..data.split import stratified_split
from ..domain.abstention import Abstention
from ..domain.errors import ParityError
from ..domain.example import Example, inputs_of
from ..families.catalogue import family_named
from ..families.contract import Encoding, Features
from ..networks.fitting import Epoch, LabelledEncodings, fit_network
from ..networks.trained_network import TrainedNetwork
from ..pipeline.artifacts import NETWORK
from ..pipeline.calibration import Calibration
from ..runtime.session import NetworkSession
from ..text.label_encoder import LabelEncoder
from .check import CheckedPlan

PARITY: Final = 1e-5
"""Largest difference of a probability between the trained network and its export."""
_PARITY_EXAMPLES: Final = 500


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What was learned, and what it was learned from; inputs of which nothing is known are in neither part."""

    network: TrainedNetwork
    features: Features[Any]
    label_encoder: LabelEncoder
    training: LabelledEncodings
    validation: LabelledEncodings
    held_out: Sequence[Example]


def fit(checked: CheckedPlan, on_epoch: Callable[[Epoch], None]) -> FittedModel:
    """
    Learn features and network from the examples that are not held out.

    Raises:
        NonFiniteLossError: the training ran away.
    """
    config = checked.plan.config
    settings = config.training
    kept, held_out = stratified_split(checked.training.examples, settings.validation_fraction, settings.seed)
    label_encoder = LabelEncoder.learn(checked.training.intents())
    features = family_named(config.family).features.learn(config, inputs_of(kept))
    training = _labelled(features, label_encoder, kept)
    validation = _labelled(features, label_encoder, held_out)
    network = fit_network(checked.plan.name, config, features, training, validation, len(label_encoder), on_epoch)
    return FittedModel(network, features, label_encoder, training, validation, held_out)


def export(model: str, fitted: FittedModel) -> tuple[bytes, NDArray[np.float32]]:
    """
    Export the network and run it as it will be served: one input at a time, nothing padded.

    Returns:
        The network, and its scores of the validation examples, (n, n_intents).

    Raises:
        ParityError: it does not compute what the trained network does.
    """
    onnx = fitted.network.onnx(fitted.training.encodings[0])
    session = NetworkSession(onnx, NETWORK)
    encodings = [*fitted.validation.encodings, *fitted.training.encodings[:_PARITY_EXAMPLES]]
    served = np.concatenate([session.scores(_alone(encoding)) for encoding in encodings])
    trained = fitted.network.scores(encodings)
    plain = Calibration(1.0, Abstention())
    difference = float(np.abs(plain.probabilities(served) - plain.probabilities(trained)).max())
    if not difference <= PARITY:  # also where it is not a number
        raise ParityError(model, difference, PARITY)
    return onnx, served[: len(fitted.validation)]


def _labelled(features: Features[Any], encoder: LabelEncoder, examples: Sequence[Example]) -> LabelledEncodings:
    known = [(encoding, e.intent) for e in examples if (encoding := features.encode(e.input)) is not None]
    labels = np.array(encoder.encode(intent for _, intent in known), dtype=np.int64)
    return LabelledEncodings([encoding for encoding, _ in known], labels)


def _alone(encoding: Encoding) -> dict[str, NDArray[np.generic]]:
    return {name: array[np.newaxis] for name, array in encoding.items()}
