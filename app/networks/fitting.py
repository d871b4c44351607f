"""Train a family's network: early stopping, best weights restored, the same result for the same seed."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..domain.training_errors import NonFiniteLossError
from .bag import tables_of
from .batches import batches
from .fitted_network import FittedNetwork
from .growth import Beginning, outputs_of
from .heads import LossOfHeads, accuracy
from .network_plan import Epoch, LabelledEncodings, NetworkPlan, OnEpoch
from .row_adam import RowAdam
from .schedule import Schedule
from .trained_network import TrainedNetwork

tf.config.experimental.enable_op_determinism()

_SCORED_AT_ONCE = 256
_LEAST_PATIENCE = 8


def fit_until_best(
    plan: NetworkPlan, training: LabelledEncodings, validation: LabelledEncodings, on_epoch: OnEpoch
) -> tuple[FittedNetwork, int]:
    """
    Train until the loss on `validation` (on `training` where that is empty) gets no better.

    Returns:
        The network with its best weights, and the number of epochs that it took to get there.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
    """
    stage = "finding the best epoch"
    if plan.fits_at_once:
        return _fit_at_once(plan, training, validation, stage, on_epoch), 1
    settings = plan.config.training
    schedule = Schedule.of(settings, len(training))
    watched = "val_loss" if len(validation) else "loss"
    patience = settings.patience or max(_LEAST_PATIENCE, schedule.n_epochs // 4)
    stopping = keras.callbacks.EarlyStopping(watched, patience=patience, restore_best_weights=True)
    watch = _Watch(plan.model, stage, schedule.n_epochs, on_epoch)
    network = _fit(plan, training, validation, schedule, [watch, stopping])
    return network, stopping.best_epoch + 1


def fit_for(plan: NetworkPlan, training: LabelledEncodings, n_epochs: int | None, on_epoch: OnEpoch) -> FittedNetwork:
    """
    Train for a number of epochs, or for as many as the configuration allows.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
    """
    stage = "training on all examples"
    if plan.fits_at_once:
        return _fit_at_once(plan, training, None, stage, on_epoch)
    schedule = Schedule.of(plan.config.training, len(training), n_epochs)
    return _fit(plan, training, None, schedule, [_Watch(plan.model, stage, schedule.n_epochs, on_epoch)])


def fit_further(
    plan: NetworkPlan, beginning: Beginning, training: LabelledEncodings, on_epoch: OnEpoch
) -> FittedNetwork:
    """
    Train on, slowly, from the weights of another network; `training` is what to learn and what to rehearse.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
        CannotContinueError: the weights are not of the network that they should be of.
    """
    keras.utils.clear_session()
    fill = beginning.filler()
    schedule = Schedule.further(plan.config.training, len(training))
    stage = f"continuing from version {beginning.version}"
    return _fit(plan, training, None, schedule, [_Watch(plan.model, stage, schedule.n_epochs, on_epoch)], fill)


def _fit(  # noqa: PLR0913, PLR0917 - what all trainings differ in
    plan: NetworkPlan,
    training: LabelledEncodings,
    validation: LabelledEncodings | None,
    schedule: Schedule,
    callbacks: list[keras.callbacks.Callback],
    begin: Callable[[keras.Model], None] = lambda _: None,
) -> TrainedNetwork:
    settings = plan.config.training
    keras.utils.clear_session()
    keras.utils.set_random_seed(settings.seed)

    network = plan.build(serving=False)
    begin(network)
    network.compile(
        optimizer=RowAdam(schedule.learning_rate(), tables_of(network), outputs_of(network), schedule.hurry),
        loss=LossOfHeads(settings.label_smoothing),
        metrics=[accuracy],
        jit_compile=False,
    )
    network.fit(
        _batches(plan, training, _weights_of(plan, training), schedule.batch_size, seed=settings.seed),
        validation_data=_batches(plan, validation, None, _SCORED_AT_ONCE, seed=None) if validation else None,
        epochs=schedule.n_epochs,
        shuffle=False,  # the batches come shuffled
        verbose=0,
        callbacks=callbacks,
    )
    return TrainedNetwork(network, lambda serving: plan.build(serving=serving))


def _weights_of(plan: NetworkPlan, training: LabelledEncodings) -> NDArray[np.float32]:
    return plan.class_weights(training.labels) if training.weights is None else training.weights


def _fit_at_once(
    plan: NetworkPlan,
    training: LabelledEncodings,
    validation: LabelledEncodings | None,
    stage: str,
    on_epoch: OnEpoch,
) -> FittedNetwork:
    """Fit what knows no epochs; it is told as if it had been one."""
    network: FittedNetwork = plan.family_module().fit(
        plan.config,
        plan.features,
        plan.n_outputs,
        training.encodings,
        training.labels,
        _weights_of(plan, training),
    )
    loss, accuracy = _loss_and_accuracy(network, training)
    if not math.isfinite(loss):
        raise NonFiniteLossError(plan.model, 1)
    seen = _loss_and_accuracy(network, validation) if validation else (None, None)
    on_epoch(Epoch(stage, 1, 1, loss, accuracy, seen[0], seen[1], eta_s=0.0))
    return network


def _loss_and_accuracy(network: FittedNetwork, part: LabelledEncodings) -> tuple[float, float]:
    scores = network.scores(part.encodings).astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    right = scores[np.arange(len(part)), part.labels]
    loss = np.log(np.exp(scores).sum(axis=1)) - right
    return float(loss.mean()), float((scores.argmax(axis=1) == part.labels).mean())


def _batches(
    plan: NetworkPlan,
    part: LabelledEncodings,
    weights: NDArray[np.float32] | None,
    batch_size: int,
    *,
    seed: int | None,
) -> tf.data.Dataset:
    targets = np.eye(plan.n_outputs, dtype=np.float32)[part.labels]
    weights = np.ones(len(part), dtype=np.float32) if weights is None else weights
    return batches(part.encodings, targets, weights, batch_size=batch_size, seed=seed)


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
