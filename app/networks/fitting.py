"""Train a family's network: early stopping, best weights restored, the same result for the same seed."""

import importlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..domain.errors import NonFiniteLossError
from ..families.contract import Encoding, Features
from ..families.model_config import ModelConfig
from .batches import batches
from .trained_network import TrainedNetwork

tf.config.experimental.enable_op_determinism()


@dataclass(frozen=True, slots=True)
class LabelledEncodings:
    """Encodings with their class indices (n,)."""

    encodings: Sequence[Encoding]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """Count them."""
        return len(self.encodings)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to; `eta_s` assumes that every epoch allowed is needed."""

    stage: str
    number: int
    n_epochs: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    eta_s: float


OnEpoch: TypeAlias = Callable[[Epoch], None]


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """What a network is built from; `model` names it in errors."""

    model: str
    config: ModelConfig
    features: Features[Any]
    n_intents: int

    def build(self, serving: bool) -> keras.Model:  # noqa: FBT001 - the one thing to say
        """Build the network of the configuration's family, for serving or for training."""
        module = importlib.import_module(f"{__package__}.{self.config.family}")
        return module.build(self.config, self.features, self.n_intents, serving=serving)


def fit_until_best(
    plan: NetworkPlan, training: LabelledEncodings, validation: LabelledEncodings, on_epoch: OnEpoch
) -> tuple[TrainedNetwork, int]:
    """
    Train until the loss on `validation` (on `training` where that is empty) gets no better.

    Returns:
        The network with its best weights, and the number of epochs that it took to get there.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
    """
    settings = plan.config.training
    watched = "val_loss" if len(validation) else "loss"
    stopping = keras.callbacks.EarlyStopping(watched, patience=settings.patience, restore_best_weights=True)
    watch = _Watch(plan.model, "finding the best epoch", settings.epochs, on_epoch)
    network = _fit(plan, training, validation, settings.epochs, [watch, stopping])
    return network, stopping.best_epoch + 1


def fit_for(plan: NetworkPlan, training: LabelledEncodings, n_epochs: int, on_epoch: OnEpoch) -> TrainedNetwork:
    """
    Train for a number of epochs.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
    """
    watch = _Watch(plan.model, "training on all examples", n_epochs, on_epoch)
    return _fit(plan, training, None, n_epochs, [watch])


def _fit(
    plan: NetworkPlan,
    training: LabelledEncodings,
    validation: LabelledEncodings | None,
    n_epochs: int,
    callbacks: list[keras.callbacks.Callback],
) -> TrainedNetwork:
    settings = plan.config.training
    keras.utils.clear_session()
    keras.utils.set_random_seed(settings.seed)
    network = plan.build(False)
    network.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,
    )
    weights = _class_weights(training.labels, plan.n_intents, settings.class_weights)
    alike = np.ones(plan.n_intents)
    network.fit(
        _batches(training, plan.n_intents, weights, settings.batch_size, seed=settings.seed),
        validation_data=_batches(validation, plan.n_intents, alike, 256, seed=None) if validation else None,
        epochs=n_epochs,
        shuffle=False,  # the batches come shuffled
        verbose=0,
        callbacks=callbacks,
    )
    return TrainedNetwork(network, plan.build)


def _batches(
    part: LabelledEncodings, n_intents: int, class_weights: NDArray[Any], batch_size: int, *, seed: int | None
) -> tf.data.Dataset:
    targets = np.eye(n_intents, dtype=np.float32)[part.labels]
    weights = class_weights[part.labels].astype(np.float32)
    return batches(part.encodings, targets, weights, batch_size=batch_size, seed=seed)


def _class_weights(labels: NDArray[np.int64], n_intents: int, kind: str) -> NDArray[np.float64]:
    """Weigh intents against their frequency, so that the average example weighs 1."""
    counts = np.maximum(np.bincount(labels, minlength=n_intents), 1)
    weights = counts ** {"balanced": -1.0, "softened": -0.5, "none": 0.0}[kind]
    return np.asarray(weights / weights[labels].mean())


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
    """Tell of each epoch, and stop at once when the loss is no number."""

    def __init__(self, model: str, stage: str, n_epochs: int, on_epoch: OnEpoch) -> None:
        super().__init__()
        # not `_model`, which is where Keras keeps the network
        self._name, self._stage, self._n_epochs, self._on_epoch = model, stage, n_epochs, on_epoch
        self._started = time.monotonic()

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ANN401, ARG002 - Keras' signature
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        number = epoch + 1
        if not all(math.isfinite(value) for key, value in logs.items() if key.endswith("loss")):
            raise NonFiniteLossError(self._name, number)
        spent = time.monotonic() - self._started
        self._on_epoch(
            Epoch(
                stage=self._stage,
                number=number,
                n_epochs=self._n_epochs,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                validation_loss=logs.get("val_loss"),
                validation_accuracy=logs.get("val_accuracy"),
                eta_s=spent / number * (self._n_epochs - number),
            )
        )
