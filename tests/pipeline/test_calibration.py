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


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.7])
@pytest.mark.parametrize("n_outputs", [1, 2, 31, 32, 33, 1_000])  # few are computed by Python, many by numpy
def test_the_probabilities_of_one_input_are_those_of_a_batch(n_outputs, temperature):
    scores = np.random.default_rng(n_outputs).normal(0, 4, (20, n_outputs)).astype(np.float32)
    calibration = at(temperature)

    alone = [calibration.probabilities_of(of_one) for of_one in scores]

    assert {type(value) for value in alone[0]} == {float}
    assert np.array(alone) == pytest.approx(calibration.probabilities(scores), abs=1e-12)


@pytest.mark.parametrize("n_outputs", [3, 100])
@pytest.mark.parametrize("size", [0.0, 1e4, -1e4, 3e38])
def test_one_input_has_probabilities_however_large_its_scores(n_outputs, size):
    scores = np.full(n_outputs, -size, dtype=np.float32)
    scores[1] = size

    found = at(0.2).probabilities_of(scores)

    assert sum(found) == pytest.approx(1.0, abs=1e-12)
    assert found.index(max(found)) == scores.argmax()


@pytest.mark.parametrize(
    ("probabilities", "confidence", "reason"),
    [
        ([0.6, 0.3, 0.1], 0.6, None),
        ([0.2, 0.1, 0.7], 0.2, FallbackReason.FAR_FROM_TRAINING_DATA),
        # that none is meant says more than that none is sure
        ([0.05, 0.05, 0.9], 0.05, FallbackReason.FAR_FROM_TRAINING_DATA),
        ([0.4, 0.2, 0.4], 0.4, None),
        ([0.28, 0.45, 0.27], 0.28, FallbackReason.LOW_CONFIDENCE),
        # of restricted intents, the best one may be less likely than none
        ([0.5, 0.1, 0.4], 0.1, FallbackReason.FAR_FROM_TRAINING_DATA),
    ],
)
def test_where_none_of_the_intents_is_likelier_none_is_named(probabilities, confidence, reason):
    calibration = Calibration(1.0, Abstention(0.3), knows_none=True)

    assert calibration.reason(probabilities[-1], confidence) is reason


def test_a_model_that_knows_nothing_of_none_takes_the_last_score_for_an_intent():
    assert Calibration(1.0, Abstention(0.1)).reason(0.7, 0.2) is None
