"""Train a family's network: early stopping, best weights restored, the same result for the same seed."""

import importlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

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

    number: int
    n_epochs: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    eta_s: float


def fit_network(  # noqa: PLR0913, PLR0917 - what a fit is made of
    name: str,
    config: ModelConfig,
    features: Features[Any],
    training: LabelledEncodings,
    validation: LabelledEncodings,
    n_intents: int,
    on_epoch: Callable[[Epoch], None],
) -> TrainedNetwork:
    """
    Train the network of the configuration's family.

    Early stopping watches the loss on `validation`, or on `training` where that is empty.

    Raises:
        NonFiniteLossError: the loss of model `name` became infinite or not a number.
    """
    settings = config.training
    keras.utils.clear_session()
    keras.utils.set_random_seed(settings.seed)
    build = partial(importlib.import_module(f"{__package__}.{config.family}").build, config, features, n_intents)
    network = build(serving=False)
    network.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,
    )
    weights = _class_weights(training.labels, n_intents, settings.class_weights)
    watched = "val_loss" if len(validation) else "loss"
    network.fit(
        _batches(training, n_intents, weights, settings.batch_size, seed=settings.seed),
        validation_data=_batches(validation, n_intents, np.ones(n_intents), 256, seed=None)
        if len(validation)
        else None,
        epochs=settings.epochs,
        verbose=0,
        callbacks=[
            _Watch(name, settings.epochs, on_epoch),
            keras.callbacks.EarlyStopping(watched, patience=settings.patience, restore_best_weights=True),
        ],
    )
    return TrainedNetwork(network, partial(build, serving=True))


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

    def __init__(self, name: str, n_epochs: int, on_epoch: Callable[[Epoch], None]) -> None:
        super().__init__()
        self._name, self._n_epochs, self._on_epoch = name, n_epochs, on_epoch
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
                number=number,
                n_epochs=self._n_epochs,
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                validation_loss=logs.get("val_loss"),
                validation_accuracy=logs.get("val_accuracy"),
                eta_s=spent / number * (self._n_epochs - number),
            )
        )
