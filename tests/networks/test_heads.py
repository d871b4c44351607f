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
    return LossOfHeads(0.1)


def _usual(scores: NDArray[np.float32], label_smoothing: float = 0.0) -> float:
    usual = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing)
    return float(usual(TARGETS, scores))


def test_the_loss_of_heads_is_that_of_what_is_served_and_the_mean_of_what_each_would_have_alone(loss) -> None:
    served = _usual(np.asarray(averaged(SCORES)))
    alone = [_usual(SCORES[:, 0]), _usual(SCORES[:, 1], label_smoothing=0.1)]

    assert float(loss(TARGETS, SCORES)) == pytest.approx(served + np.mean(alone), abs=1e-6)


def test_the_loss_of_one_head_is_the_usual_one(loss) -> None:
    assert float(loss(TARGETS, SCORES[:, 0])) == pytest.approx(_usual(SCORES[:, 0], label_smoothing=0.1), abs=1e-6)


def test_weights_of_examples_weigh_their_losses(loss) -> None:
    weights = np.array([1.0, 0.0, 0.0, 0.0, 0.0], dtype=np.float32)

    weighted = float(loss(TARGETS, SCORES, sample_weight=weights))

    assert weighted == pytest.approx(float(loss(TARGETS[:1], SCORES[:1])) / 5, abs=1e-6)


def test_a_head_goes_on_learning_where_the_other_has_the_answer_already() -> None:
    first = tf.constant(SCORES[:, 0])
    sure = tf.constant(TARGETS * 100)

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(first)
        heads = tf.stack([first, sure], axis=1)
        of_both = LossOfHeads(0.0)(TARGETS, heads)
        of_what_is_served = LossOfHeads(0.0)(TARGETS, averaged(heads))

    assert np.abs(np.asarray(tape.gradient(of_what_is_served, first))).max() < 1e-6
    assert np.abs(np.asarray(tape.gradient(of_both, first))).min(axis=1).max() > 0.01


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
