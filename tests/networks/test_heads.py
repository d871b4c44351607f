"""Heads learn each for itself, and what is served is their average."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from app.networks.heads import LossOfHeads, accuracy, averaged, joined

SCORES = np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32)
TARGETS = np.eye(3, dtype=np.float32)[[0, 2, 1, 1, 0]]


@pytest.fixture
def loss() -> LossOfHeads:
    return LossOfHeads(from_logits=True, label_smoothing=0.1)


def _usual(scores: NDArray[np.float32]) -> float:
    usual = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return float(usual(TARGETS, scores))


def test_the_loss_of_heads_is_the_mean_of_what_each_would_have_alone(loss) -> None:
    alone = [_usual(SCORES[:, head]) for head in range(2)]

    assert float(loss(TARGETS, SCORES)) == pytest.approx(np.mean(alone), abs=1e-6)


def test_the_loss_of_one_head_is_the_usual_one(loss) -> None:
    assert float(loss(TARGETS, SCORES[:, 0])) == pytest.approx(_usual(SCORES[:, 0]), abs=1e-6)


def test_weights_of_examples_weigh_their_losses(loss) -> None:
    weights = np.array([1.0, 0.0, 0.0, 0.0, 0.0], dtype=np.float32)

    weighted = float(loss(TARGETS, SCORES, sample_weight=weights))

    assert weighted == pytest.approx(float(loss(TARGETS[:1], SCORES[:1])) / 5, abs=1e-6)


def test_what_one_head_learns_does_not_depend_on_the_other(loss) -> None:
    def gradient_of_the_first(second: NDArray[np.float32]) -> NDArray[np.float32]:
        first = tf.constant(SCORES[:, 0])
        with tf.GradientTape() as tape:
            tape.watch(first)
            value = loss(TARGETS, tf.stack([first, tf.constant(second)], axis=1))
        return np.asarray(tape.gradient(value, first))

    beside = [gradient_of_the_first(SCORES[:, 1] * factor) for factor in (1, 20)]

    assert beside[0] == pytest.approx(beside[1], abs=1e-7)
    assert np.abs(beside[0]).max() > 0


def test_what_is_served_is_the_average_of_the_heads_log_probabilities() -> None:
    heads = [SCORES[:, 0], SCORES[:, 1]]

    served = np.asarray(joined(heads, serving=True))

    log_probabilities = [np.log(np.exp(head) / np.exp(head).sum(axis=1, keepdims=True)) for head in heads]
    assert served == pytest.approx(np.mean(log_probabilities, axis=0), abs=1e-5)
    assert served == pytest.approx(np.asarray(averaged(joined(heads, serving=False))), abs=1e-6)


def test_scores_of_one_head_are_served_as_they_are() -> None:
    assert np.asarray(averaged(SCORES[:, 0])).tolist() == SCORES[:, 0].tolist()


def test_accuracy_is_that_of_what_is_served() -> None:
    best = np.asarray(averaged(SCORES)).argmax(axis=1)

    told = np.asarray(accuracy(TARGETS, tf.constant(SCORES)))

    assert told.tolist() == (best == TARGETS.argmax(axis=1)).astype(float).tolist()
