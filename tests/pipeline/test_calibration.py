"""Probabilities are probabilities whatever the scores, and a temperature changes how sure they are, not their order."""

import numpy as np
import pytest

from app.domain.abstention import Abstention
from app.domain.prediction import FallbackReason
from app.pipeline.calibration import Calibration

SCORES = np.array([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [-3.0, 8.0, 7.5]], dtype=np.float32)


def at(temperature: float) -> Calibration:
    return Calibration(temperature, Abstention())


def test_at_temperature_1_probabilities_are_the_softmax():
    expected = np.exp(SCORES.astype(float)) / np.exp(SCORES.astype(float)).sum(axis=1, keepdims=True)

    assert at(1.0).probabilities(SCORES) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_rows_sum_to_1(temperature):
    assert at(temperature).probabilities(SCORES).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_the_order_of_intents_does_not_depend_on_the_temperature(temperature):
    order = np.argsort(-SCORES, axis=1, kind="stable")

    assert (np.argsort(-at(temperature).probabilities(SCORES), axis=1, kind="stable") == order).all()


def test_a_higher_temperature_is_less_sure():
    confidences = [at(temperature).probabilities(SCORES)[0].max() for temperature in (0.5, 1.0, 2.0, 4.0)]

    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) == 4


def test_equal_scores_are_equally_probable():
    assert at(0.7).probabilities(SCORES)[1] == pytest.approx([1 / 3] * 3, abs=1e-12)


@pytest.mark.parametrize("size", [1e4, 1e30, 3e38])
def test_scores_of_any_size_give_numbers(size):
    scores = np.array([[size, -size, 0.0]], dtype=np.float32)

    assert at(0.2).probabilities(scores).tolist() == [[1.0, 0.0, 0.0]]


def test_no_scores_give_no_probabilities():
    assert at(1.0).probabilities(np.zeros((0, 3), dtype=np.float32)).shape == (0, 3)


def test_the_scores_that_came_in_are_left_alone():
    scores = SCORES.copy()

    at(2.0).probabilities(scores)

    assert (scores == SCORES).all()


@pytest.mark.parametrize(
    ("confidence", "reason"),
    [(0.0, FallbackReason.LOW_CONFIDENCE), (0.2999, FallbackReason.LOW_CONFIDENCE), (0.3, None), (1.0, None)],
)
def test_an_intent_is_named_from_the_minimum_confidence_on(confidence, reason):
    assert Abstention(0.3).reason(confidence) is reason


def test_without_a_minimum_every_intent_is_named():
    assert Abstention().reason(0.0) is None
